#!/usr/bin/python3
"""Asks a name server as other people's programs do, and as nobody should.

  names.py agree LIBRARY SERVER FILE COUNT   every line of FILE is `NAME ADDRESS`: COUNT of them,
                  chosen by a fixed seed, are asked for there and back by libc, dnspython or libunbound
  names.py steady SERVER NAME ADDRESS SECONDS   asks for one name without a pause
  names.py mutants SERVER GOOD COUNT            queries with mistakes, by UDP and TCP
  names.py captures SERVER GOOD FOLDER          the DNS of published captures, by UDP and TCP
  names.py upstream ADDRESS                     a name server that gives damaged answers, for ever

GOOD is a name that the server must answer, now and then and in the end. All but the last print a
line of what they did, and end with 1 and what was wrong."""
import os
import random
import socket
import struct
import sys
import time

SEED = 20260721


def fail(text):
    print(text)
    sys.exit(1)


def query(name, kind=1, number=0x4711, flags=0x0100, tail=b"", extra=0):
    labels = b"".join(bytes([len(x)]) + x.encode() for x in name.split(".") if x)
    head = struct.pack(">6H", number, flags, 1, 0, 0, extra)
    return head + labels + b"\0" + struct.pack(">2H", kind, 1) + tail


OPT = b"\0" + struct.pack(">2HIH", 41, 1232, 0, 0)


# --- resolver libraries -------------------------------------------------------------------------

def by_libc(server):
    def forward(name):
        return {entry[4][0] for entry in socket.getaddrinfo(name, None, socket.AF_INET)}

    def back(address):
        return socket.getnameinfo((address, 0), socket.NI_NAMEREQD)[0]
    return forward, back


def by_dnspython(server):
    import dns.resolver
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = [server]
    resolver.use_edns(0, 0, 1232)

    def forward(name):
        return {record.address for record in resolver.resolve(name, "A")}

    def back(address):
        return str(resolver.resolve_address(address)[0].target).rstrip(".")
    return forward, back


def by_libunbound(server):
    import unbound
    context = unbound.ub_ctx()
    # A strict resolver: it varies the case of letters, and believes that nothing is below a name
    # that is not there.
    for option, value in [("use-caps-for-id:", "yes"), ("harden-below-nxdomain:", "yes"),
                          ("qname-minimisation:", "yes"), ("unblock-lan-zones:", "yes"),
                          ("insecure-lan-zones:", "yes"), ("do-ip6:", "no")]:
        if context.set_option(option, value) != 0:
            fail("libunbound knows no " + option)
    if context.set_fwd(server) != 0:
        fail("libunbound asks nobody")
    # It would have no .test by itself (RFC 6761 §6.2). Nothing can be set after this.
    context.zone_add("test.", "transparent")

    def ask(name, kind):
        status, result = context.resolve(name, kind, unbound.RR_CLASS_IN)
        if status != 0 or not result.havedata:
            raise OSError(f"{name}: {result.rcode_str if status == 0 else status}")
        return result.data

    def forward(name):
        return set(ask(name, unbound.RR_TYPE_A).address_list)

    def back(address):
        name = ".".join(reversed(address.split("."))) + ".in-addr.arpa"
        return list(ask(name, unbound.RR_TYPE_PTR).domain_list)[0].rstrip(".")
    return forward, back


def agree(library, server, file, count):
    makers = {"libc": by_libc, "dnspython": by_dnspython, "libunbound": by_libunbound}
    forward, back = makers[library](server)
    with open(file, encoding="ascii") as lines:
        wanted = [line.split() for line in lines]
    random.Random(SEED).shuffle(wanted)
    wanted = wanted[:int(count)]
    wrong = []
    began = time.monotonic()
    for name, address in wanted:
        try:
            if forward(name) != {address}:
                wrong.append(f"{name}: {forward(name)}, not {address}")
            if back(address).lower() != name:
                wrong.append(f"{address}: {back(address)}, not {name}")
        except Exception as error:  # Each library has its own.
            wrong.append(f"{name}: {type(error).__name__} {error}")
        if len(wrong) > 10:
            break
    if wrong or not wanted:
        fail("\n".join(wrong) or "nothing to ask for")
    print(f"{library}: {len(wanted)} names there and back in {time.monotonic() - began:.1f} s")


def steady(server, name, address, seconds):
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    link.settimeout(5)
    link.connect((server, 53))
    end = time.monotonic() + float(seconds)
    count = 0
    slowest = 0.0
    while time.monotonic() < end:
        count += 1
        began = time.monotonic()
        link.send(query(name, number=count & 0xffff))
        try:
            answer = link.recv(4096)
        except TimeoutError:
            fail(f"question {count} was not answered")
        slowest = max(slowest, time.monotonic() - began)
        if answer[:2] != struct.pack(">H", count & 0xffff) or answer[-4:] != socket.inet_aton(address):
            fail(f"question {count} was answered with {answer.hex()}")
    print(f"{count} questions answered, the slowest in {slowest * 1000:.0f} ms")


# --- what nobody should send --------------------------------------------------------------------

class Target:
    def __init__(self, server, good):
        self.server, self.good, self.sent = server, good, 0
        self.link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.link.settimeout(0.2)
        self.link.connect((server, 53))

    def is_well(self):
        """Whether a good query is answered; what answers came before it does not matter."""
        for attempt in range(25):
            number = 0x6000 + attempt
            try:
                self.link.send(query(self.good, number=number))
                while True:
                    answer = self.link.recv(65535)
                    if answer[:2] == struct.pack(">H", number) and answer[2] & 0x80:
                        if answer[3] & 15 == 0 and struct.unpack(">H", answer[6:8])[0] > 0:
                            return
            except (TimeoutError, ConnectionRefusedError):
                continue
        fail(f"no answer any more, after {self.sent} messages")

    def datagrams(self, messages):
        for index, message in enumerate(messages):
            if len(message) > 60000:
                continue
            self.sent += 1
            try:
                self.link.send(message)
            except ConnectionRefusedError:
                fail(f"nobody listens any more, after {self.sent} messages")
            if index % 32 == 31:
                self.is_well()
        self.is_well()

    def stream(self, octets):
        """Sends the octets on a connection of their own and reads until it ends."""
        self.sent += 1
        try:
            with socket.create_connection((self.server, 53), 5) as link:
                link.sendall(octets)
                link.shutdown(socket.SHUT_WR)
                while link.recv(65535):
                    pass
        except (ConnectionResetError, BrokenPipeError):
            pass
        except OSError as error:
            # A connection that was reset before the end could be said.
            if error.errno != 107:
                fail(f"TCP: {error}, after {self.sent} messages")

    def streams(self, messages):
        for index, message in enumerate(messages):
            if len(message) < 65536:
                self.stream(struct.pack(">H", len(message)) + message)
            if index % 64 == 63:
                self.is_well()
        self.is_well()


def mutants(count, seed=SEED):
    """Queries with mistakes: the same ones in every run."""
    dice = random.Random(seed)
    name = "www.lab.test"
    good = [query(name), query(name, 28), query(name, tail=OPT, extra=1), query("lab.test", 255),
            query("9.0.77.10.in-addr.arpa", 12), query("ftp.lab.test"), query("long.lab.test", 16),
            query("a" * 63 + "." + "b" * 63 + ".lab.test"), query("open.example")]
    pointer = struct.pack(">6H", 1, 0x100, 1, 0, 0, 0)
    odd = [b"", b"\0", pointer, pointer + b"\xc0\x0c\0\1\0\1", pointer + b"\xc0\x0e\0\1\0\1",
           pointer + b"\xc0\xff\0\1\0\1", pointer + b"\x40a\0\0\1\0\1", pointer + b"\x80a\0\0\1\0\1",
           pointer + b"\3www\xc0\x0c\0\1\0\1", pointer + b"\1a" * 130 + b"\0\0\1\0\1",
           struct.pack(">6H", 2, 0x100, 65535, 65535, 65535, 65535) + good[0][12:],
           struct.pack(">6H", 3, 0x100, 0, 0, 0, 0),
           struct.pack(">6H", 4, 0x100, 2, 0, 0, 0) + good[0][12:] * 2,
           query(name, tail=OPT * 2, extra=2),
           query(name, tail=b"\0" + struct.pack(">2HIH", 41, 0, 0xffffffff, 65535), extra=1),
           query(name, tail=b"\xc0\x0c" + struct.pack(">2HIH", 41, 512, 0, 0), extra=1)]
    odd += [query(name, flags=opcode << 11) for opcode in range(16)]
    odd += [query(name, kind) for kind in range(0, 65536, 4111)]
    made = list(odd)
    while len(made) < count:
        octets = bytearray(dice.choice(good))
        for _ in range(dice.randint(1, 4)):
            place = dice.randrange(len(octets)) if octets else 0
            match dice.randrange(6):
                case 0 if octets:
                    octets[place] = dice.choice([0, 1, 0x3f, 0x40, 0x80, 0xc0, 0xff, dice.randrange(256)])
                case 1:
                    del octets[place:]
                case 2:
                    octets[place:place] = dice.randbytes(dice.randint(1, 40))
                case 3:
                    del octets[place:place + dice.randint(1, 8)]
                case 4 if len(octets) >= 12:
                    struct.pack_into(">H", octets, dice.choice([4, 6, 8, 10]), dice.choice([0, 1, 2, 255, 65535]))
                case _:
                    octets += dice.randbytes(dice.randint(1, 200))
        made.append(bytes(octets))
    return made


def send_mutants(server, good, count):
    target = Target(server, good)
    made = mutants(int(count))
    target.datagrams(made)
    few = made[:300]
    target.streams(few)
    for message in few[:100]:
        # Lengths that lie, in both directions.
        target.stream(struct.pack(">H", min(65535, len(message) + 7)) + message)
        target.stream(struct.pack(">H", max(0, len(message) - 7)) + message)
    target.is_well()
    print(f"{target.sent} made-up messages, and a good query is answered")


# --- captures -----------------------------------------------------------------------------------

def frames(octets):
    """(link type, frame) of a classic pcap or of a pcapng file."""
    magic = octets[:4]
    if magic in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\xa1\xb2\x3c\x4d"):
        order = "<" if magic[0] in (0xd4, 0x4d) else ">"
        link = struct.unpack(order + "I", octets[20:24])[0] & 0xffff
        offset = 24
        while offset + 16 <= len(octets):
            length = struct.unpack(order + "I", octets[offset + 8:offset + 12])[0]
            yield link, octets[offset + 16:offset + 16 + length]
            offset += 16 + length
    elif magic == b"\x0a\x0d\x0d\x0a":
        order, links, offset = "<", [], 0
        while offset + 12 <= len(octets):
            if octets[offset:offset + 4] == magic:
                order = "<" if octets[offset + 8:offset + 12] == b"\x4d\x3c\x2b\x1a" else ">"
                links = []
            kind, length = struct.unpack(order + "2I", octets[offset:offset + 8])
            body = octets[offset + 8:offset + length - 4]
            if kind == 1:
                links.append(struct.unpack(order + "H", body[:2])[0])
            elif kind == 6:
                number, _, _, count = struct.unpack(order + "4I", body[:16])
                yield links[number] if number < len(links) else 1, body[20:20 + count]
            offset += max(length, 12)


def dns(link, frame):
    """The octets of a frame's UDP or TCP payload to or from port 53 or 5353, with which of both."""
    if link == 1:
        kind, start = frame[12:14], 14
        while kind in (b"\x81\x00", b"\x88\xa8"):
            kind, start = frame[start + 2:start + 4], start + 4
        if kind not in (b"\x08\x00", b"\x86\xdd"):
            return None
    else:
        # NULL and LOOP have four octets, cooked Linux sixteen, raw none.
        start = {0: 4, 108: 4, 113: 16, 12: 0, 101: 0, 228: 0, 229: 0}.get(link)
        if start is None:
            return None
    packet = frame[start:]
    if len(packet) < 40:
        return None
    if packet[0] >> 4 == 4:
        protocol, packet = packet[9], packet[(packet[0] & 15) * 4:]
    elif packet[0] >> 4 == 6:
        protocol, packet = packet[6], packet[40:]
    else:
        return None
    if len(packet) < 8 or not {53, 5353} & set(struct.unpack(">2H", packet[:4])):
        return None
    if protocol == 17:
        return "udp", packet[8:]
    if protocol == 6 and len(packet) >= 20:
        return "tcp", packet[(packet[12] >> 4) * 4:]
    return None


def send_captures(server, good, folder):
    target = Target(server, good)
    files = 0
    for path, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            if not name.endswith((".pcap", ".pcapng")):
                continue
            with open(os.path.join(path, name), "rb") as file:
                found = [dns(*entry) for entry in frames(file.read())]
            found = [entry for entry in found if entry and entry[1]]
            if not found:
                continue
            files += 1
            messages = [octets for kind, octets in found if kind == "udp"]
            # An answer of the capture is a query to us when its QR is turned.
            turned = [octets[:2] + bytes([octets[2] & 0x7f]) + octets[3:]
                      for octets in messages if len(octets) > 2 and octets[2] & 0x80]
            target.datagrams(messages + turned)
            target.streams((messages + turned)[:400])
            for kind, octets in found:
                if kind == "tcp":
                    target.stream(octets)
            target.is_well()
    if files == 0:
        fail(f"no DNS in the captures of {folder}")
    print(f"{target.sent} messages of {files} captures, and a good query is answered")


def upstream(address):
    """Answers each question with its own octets as an answer, damaged at a place that moves on."""
    dice = random.Random(SEED)
    link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    link.bind((address, 53))
    record = b"\xc0\x0c" + struct.pack(">2HIH", 1, 1, 60, 4) + b"\xc6\x33\x64\x07"
    while True:
        question, source = link.recvfrom(4096)
        answer = bytearray(question[:2] + b"\x81\x80" + question[4:6] + b"\0\1\0\0\0\0" + question[12:-11] + record)
        # Its id and question are true: only then is the rest read.
        for _ in range(dice.randint(1, 3)):
            place = dice.randrange(len(question) - 11, len(answer))
            answer[place] = dice.choice([0, 1, 0x3f, 0xc0, 0xff, dice.randrange(256)])
        if dice.randrange(4) == 0:
            del answer[dice.randrange(12, len(answer)):]
        if dice.randrange(4) == 0:
            answer[7] = dice.choice([2, 255])
        link.sendto(bytes(answer), source)


commands = {"agree": agree, "steady": steady, "mutants": send_mutants, "captures": send_captures,
            "upstream": upstream}
if len(sys.argv) < 2 or sys.argv[1] not in commands:
    print(__doc__)
    sys.exit(2)
commands[sys.argv[1]](*sys.argv[2:])
