#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "CLinux.h"
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

static long checked(long result) { return result < 0 ? -errno : result; }

static struct sockaddr_in inet_name(uint32_t address, uint16_t port) {
  struct sockaddr_in name;
  memset(&name, 0, sizeof name);
  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl(address);
  name.sin_port = htons(port);
  return name;
}

int cl_udp_socket(void) {
  return (int)checked(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

int cl_tcp_socket(void) {
  return (int)checked(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

int cl_unix_socket(int datagram) {
  int type = datagram ? SOCK_DGRAM : SOCK_STREAM;
  return (int)checked(socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

/* Protocol 0: it sends and is never handed a frame. */
int cl_packet_socket(void) {
  return (int)checked(socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

/* Frames that leave are filtered by the caller: they carry its own hardware address. */
int cl_router_socket(int32_t interface) {
  static struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),                /* EtherType */
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IPV6, 0, 6),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 20),                /* next header */
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6, 0, 4),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 54),                /* ICMP type */
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 133, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 134, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 2048),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  /* ff02::2 and ff02::1, which a network card must be told to let in. */
  static const unsigned char groups[2] = {2, 1};
  int fd = (int)checked(socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd < 0) return fd;
  struct sockaddr_ll name = {
      .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IPV6), .sll_ifindex = interface};
  int error = (int)checked(
      setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program));
  if (!error) error = (int)checked(bind(fd, (struct sockaddr *)&name, sizeof name));
  for (int i = 0; i < 2 && !error; i++) {
    struct packet_mreq group = {
        .mr_ifindex = interface, .mr_type = PACKET_MR_MULTICAST, .mr_alen = 6,
        .mr_address = {0x33, 0x33, 0, 0, 0, groups[i]}};
    error = (int)checked(
        setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &group, sizeof group));
  }
  if (!error) return fd;
  close(fd);
  return error;
}

int cl_port_socket(int32_t interface, uint16_t port) {
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 12, 0),
      /* A tag is another network's: its own interface hears it. */
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 10),
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),                /* EtherType */
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 8),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 23),                /* protocol */
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 6),
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 20),                /* more fragments, offset */
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x3fff, 4, 0),
      BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 14),               /* length of the IP head */
      BPF_STMT(BPF_LD | BPF_H | BPF_IND, 16),                /* destination port */
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 2048),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  /* Protocol 0 first, so that no frame comes before the filter is there. */
  int fd = (int)checked(socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd < 0) return fd;
  struct sockaddr_ll name = {
      .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP), .sll_ifindex = interface};
  int error = (int)checked(
      setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program));
  if (!error) error = (int)checked(bind(fd, (struct sockaddr *)&name, sizeof name));
  if (!error) return fd;
  close(fd);
  return error;
}

int cl_arp_socket(int32_t interface) {
  static struct sock_filter filter[] = {
      /* A tag is another network's: its own interface hears it. */
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 5),
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),                /* EtherType */
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_ARP, 0, 3),
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 20),                /* operation */
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 2, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 64),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
  int fd = (int)checked(socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd < 0) return fd;
  struct sockaddr_ll name = {
      .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP), .sll_ifindex = interface};
  int error = (int)checked(
      setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program));
  if (!error) error = (int)checked(bind(fd, (struct sockaddr *)&name, sizeof name));
  if (!error) return fd;
  close(fd);
  return error;
}

int cl_echo_socket(void) {
  int fd = (int)checked(
      socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMP));
  if (fd < 0) return fd;
  /* <linux/icmp.h> and <netinet/ip_icmp.h> do not go together; 1 is ICMP_FILTER. */
  uint32_t all_but_replies = ~1u;
  int error = (int)checked(setsockopt(fd, SOL_RAW, 1, &all_but_replies, sizeof all_but_replies));
  if (!error) return fd;
  close(fd);
  return error;
}

int cl_route_socket(void) {
  int fd = (int)checked(
      socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (fd < 0) return fd;
  struct sockaddr_nl name = {
      .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR};
  int result = (int)checked(bind(fd, (const struct sockaddr *)&name, sizeof name));
  if (result < 0) close(fd);
  return result < 0 ? result : fd;
}

int cl_bind_inet(int fd, uint32_t address, uint16_t port) {
  struct sockaddr_in name = inet_name(address, port);
  return (int)checked(bind(fd, (struct sockaddr *)&name, sizeof name));
}

int cl_connect_inet(int fd, uint32_t address, uint16_t port) {
  struct sockaddr_in name = inet_name(address, port);
  return (int)checked(connect(fd, (struct sockaddr *)&name, sizeof name));
}

int cl_local_inet(int fd, uint32_t *address, uint16_t *port) {
  struct sockaddr_in name;
  socklen_t length = sizeof name;
  memset(&name, 0, sizeof name);
  if (getsockname(fd, (struct sockaddr *)&name, &length) < 0) return -errno;
  *address = ntohl(name.sin_addr.s_addr);
  *port = ntohs(name.sin_port);
  return 0;
}

static int unix_name(struct sockaddr_un *name, socklen_t *size, const char *text, size_t length) {
  memset(name, 0, sizeof *name);
  name->sun_family = AF_UNIX;
  if (length == 0 || length >= sizeof name->sun_path) return -ENAMETOOLONG;
  memcpy(name->sun_path, text, length);
  *size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (text[0] != 0));
  return 0;
}

int cl_bind_unix(int fd, const char *text, size_t length) {
  struct sockaddr_un name;
  socklen_t size;
  int error = unix_name(&name, &size, text, length);
  return error ? error : (int)checked(bind(fd, (struct sockaddr *)&name, size));
}

int cl_connect_unix(int fd, const char *text, size_t length) {
  struct sockaddr_un name;
  socklen_t size;
  int error = unix_name(&name, &size, text, length);
  return error ? error : (int)checked(connect(fd, (struct sockaddr *)&name, size));
}

int cl_send_unix(int fd, const void *bytes, size_t count, const char *text, size_t length) {
  struct sockaddr_un name;
  socklen_t size;
  int error = unix_name(&name, &size, text, length);
  if (error) return error;
  return (int)checked(sendto(fd, bytes, count, MSG_NOSIGNAL, (struct sockaddr *)&name, size));
}

int cl_accept(int fd, uint32_t *address, uint16_t *port) {
  struct sockaddr_in name;
  socklen_t length = sizeof name;
  int accepted;
  memset(&name, 0, sizeof name);
  accepted = accept4(fd, (struct sockaddr *)&name, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (accepted < 0) return -errno;
  *address = name.sin_family == AF_INET ? ntohl(name.sin_addr.s_addr) : 0;
  *port = name.sin_family == AF_INET ? ntohs(name.sin_port) : 0;
  return accepted;
}

int cl_set_option(int fd, int level, int name, int value) {
  return (int)checked(setsockopt(fd, level, name, &value, sizeof value));
}

int cl_get_option(int fd, int level, int name) {
  int value = 0;
  socklen_t length = sizeof value;
  if (getsockopt(fd, level, name, &value, &length) < 0) return -errno;
  return value;
}

int cl_reset_on_close(int fd) {
  struct linger reset = {.l_onoff = 1, .l_linger = 0};
  return (int)checked(setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset));
}

int cl_bind_device(int fd, const char *name) {
  return (int)checked(
      setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, (socklen_t)strnlen(name, IFNAMSIZ)));
}

int cl_prepare_udp(int fd) {
  int error = cl_set_option(fd, IPPROTO_IP, IP_PKTINFO, 1);
  return error ? error : cl_set_option(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
}

long cl_receive_from(int fd, void *bytes, size_t size, uint32_t *address, uint16_t *port) {
  struct sockaddr_in name;
  socklen_t length = sizeof name;
  long count;
  memset(&name, 0, sizeof name);
  count = recvfrom(fd, bytes, size, MSG_TRUNC, (struct sockaddr *)&name, &length);
  if (count < 0) return -errno;
  *address = ntohl(name.sin_addr.s_addr);
  *port = ntohs(name.sin_port);
  return count;
}

long cl_send_to(int fd, const void *bytes, size_t count, uint32_t address, uint16_t port) {
  struct sockaddr_in name = inet_name(address, port);
  return checked(
      sendto(fd, bytes, count, MSG_NOSIGNAL, (struct sockaddr *)&name, sizeof name));
}

long cl_send_segmented(
    int fd, const void *bytes, size_t count, uint16_t segment, uint32_t address, uint16_t port) {
  struct sockaddr_in name = inet_name(address, port);
  struct iovec part = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = count};
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof segment)];
  } control;
  struct msghdr message = {
      .msg_name = &name,
      .msg_namelen = sizeof name,
      .msg_iov = &part,
      .msg_iovlen = 1,
      .msg_control = control.space,
      .msg_controllen = sizeof control.space,
  };
  memset(&control, 0, sizeof control);
  control.header.cmsg_level = SOL_UDP;
  control.header.cmsg_type = UDP_SEGMENT;
  control.header.cmsg_len = CMSG_LEN(sizeof segment);
  memcpy(CMSG_DATA(&control.header), &segment, sizeof segment);
  return checked(sendmsg(fd, &message, MSG_NOSIGNAL));
}

long cl_read_blocks(
    int fd, void *bytes, int64_t offset, size_t block, unsigned count, size_t last, size_t gap) {
  struct iovec parts[64];
  unsigned used = 0;
  if (count > 64) return -EINVAL;
  for (unsigned index = 0; index < count; index += 1) {
    size_t length = index + 1 == count ? last : block;
    if (length == 0) continue;
    parts[used].iov_base = (char *)bytes + index * (block + gap) + gap;
    parts[used].iov_len = length;
    used += 1;
  }
  if (used == 0) return 0;
  return checked(preadv(fd, parts, (int)used, offset));
}

long cl_read_at(int fd, void *bytes, size_t count, int64_t offset) {
  return checked(pread(fd, bytes, count, offset));
}

long cl_receive(int fd, void *bytes, size_t count) { return checked(recv(fd, bytes, count, 0)); }

long cl_send(int fd, const void *bytes, size_t count, int more) {
  return checked(send(fd, bytes, count, MSG_NOSIGNAL | (more ? MSG_MORE : 0)));
}

long cl_send_file(int socket, int file, int64_t offset, size_t count) {
  off_t position = offset;
  return checked(sendfile(socket, file, &position, count));
}
