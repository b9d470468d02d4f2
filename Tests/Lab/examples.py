"""What Tests/Lab/examples.sh asks of the example configurations by the parsers of their formats.

  examples.py machines FOLDER              a line for each machine: its file, name, MAC, answers, install
  examples.py values FILE plain|hostile    the file, each value of its machines set to a plain word or
                                           to a hostile text
  examples.py scripts FOLDER FOLDER        writes each shell script of the answers and hooks in the one
                                           folder to the other
  examples.py check PLAIN HOSTILE          `ok` or `not ok` and a name, for each thing to be said of
                                           what two configurations made of the same answers and hooks
"""

import glob
import json
import os
import subprocess
import sys

import yaml

# Nothing of this may ever stand anywhere but within the value that it is the end of.
HOSTILE = (
    "x'\"`id`$(id)${IFS};&|<>\\ : #y\n%end\nrootpw evil\n- evil: true\nevil: true\n"
    "d-i evil/evil string evil\n'; evil; '\nEOF\nUNIT\n\", \"evil\": 1\n{{server.http}}\n---\n\\"
)
SITE_VALUES = ["user", "locale", "keymap", "timezone"]
# https://ipxe.org/cmd, as far as scripts use them.
IPXE = """autoboot boot certfree certstat chain choose clear colour config console cpair cpuid dhcp
echo exit fcels fcstat goto iflinkwait ifclose ifconf ifopen ifstat imgargs imgexec imgextract
imgfetch imgfree imgmem imgselect imgstat imgtrust imgverify inc initrd ipstat iseq isset item
kernel login lotest menu module neighbour nslookup nstat ntp param params pciscan ping poweroff
present profstat prompt reboot read route sanboot sanhook sanunhook set shell shim show sleep sync
time usbscan vcreate vdestroy""".split()


def load(path):
    with open(path, encoding="utf-8") as file:
        return yaml.safe_load(file)


def text(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def files(folder):
    """Every file below it, by its path from there."""
    found = glob.glob(folder + "/**/*", recursive=True)
    return sorted(os.path.relpath(path, folder) for path in found if os.path.isfile(path))


# The configuration ----------------------------------------------------------------------------


def machines(folder):
    for path in sorted(glob.glob(folder + "/*.yaml")):
        document = load(path)
        for machine in document.get("machines", []):
            profile = document["profiles"][machine["profile"]]
            answers = ",".join(profile.get("answers", {})) or "-"
            kind = "install" if "install" in profile else "boot"
            name = os.path.basename(path)[: -len(".yaml")]
            print(name, machine["name"], machine["mac"], answers, kind)


def values(path, kind):
    document = load(path)
    end = HOSTILE if kind == "hostile" else "x"
    for line in text(path).splitlines():
        print(line)
        if line.startswith("    profile: "):
            profile = document["profiles"][line.split()[1]]
            names = SITE_VALUES + list(profile.get("values", {}))
            print("    values: " + json.dumps({name: name + end for name in names}))


# Their structure: what is left of a text when what its values say is taken out -----------------


def shape(value):
    """A parsed YAML or JSON value without its texts."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value).__name__


def texts(value):
    if isinstance(value, dict):
        return [text for item in value.values() for text in texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    return [str(value)]


def kickstart(path, version):
    from pykickstart.parser import KickstartParser
    from pykickstart.version import makeVersion

    parser = KickstartParser(makeVersion(version), followIncludes=False)
    parser.readKickstart(path)
    return parser.handler


def kickstart_version(path):
    return "F44" if "/fedora" in path else "RHEL10"


def preseed(path):
    """(owner, question, type, value) of each line, as debconf-set-selections reads them."""
    content = text(path).replace("\\\n", "")
    rows = []
    for line in content.split("\n"):
        if line.strip() and not line.lstrip().startswith("#"):
            rows.append((line.split(None, 3) + ["", "", ""])[:4])
    return rows


def shell_tree(script):
    """The syntax tree of a script by shfmt, without places and the texts of quoted words."""
    said = subprocess.run(
        [os.environ.get("SHFMT", "shfmt"), "-ln", "bash", "-tojson"],
        input=script.encode(),
        capture_output=True,
        check=False,
    )
    if said.returncode != 0:
        raise ValueError(said.stderr.decode())

    def strip(node):
        if isinstance(node, list):
            return [strip(item) for item in node]
        if not isinstance(node, dict):
            return node
        quoted = node.get("Type") == "SglQuoted"
        kept = {}
        for key, value in node.items():
            is_place = isinstance(value, dict) and "Offset" in value
            if is_place or key in ("Comments", "Last"):
                continue
            if quoted and key == "Value":
                continue
            kept[key] = strip(value)
        return kept

    def words(node):
        # 'a'\''b' is one text to the shell, as 'ab' is: a run of quoted parts counts once.
        if isinstance(node, list):
            return [words(item) for item in node]
        if not isinstance(node, dict):
            return node
        node = {key: words(value) for key, value in node.items()}
        parts = node.get("Parts")
        if isinstance(parts, list) and any(part.get("Type") == "SglQuoted" for part in parts):
            merged = []
            for part in parts:
                is_text = part.get("Type") == "SglQuoted" or (
                    part.get("Type") == "Lit" and part.get("Value") == "\\'"
                )
                if is_text and merged and merged[-1] == "quoted":
                    continue
                merged.append("quoted" if is_text else part)
            node["Parts"] = merged
        return node

    return words(strip(json.loads(said.stdout)))


def scripts(path):
    """The shell scripts that an answer holds: (name, shell, text)."""
    name = os.path.basename(path)
    if name == "ks.cfg":
        found = []
        for number, script in enumerate(kickstart(path, kickstart_version(path)).scripts):
            found.append((f"section-{number}", "sh", script.script))
        return found
    if name in ("preseed.cfg", "rescue.cfg"):
        return [
            (question.replace("/", "-"), "sh", value + "\n")
            for _, question, _, value in preseed(path)
            if question.endswith("_command")
        ]
    if name == "user-data":
        install = load(path).get("autoinstall", {})
        found = []
        for key in ("early-commands", "late-commands", "error-commands"):
            for number, command in enumerate(install.get(key, [])):
                found.append((f"{key}-{number}", "sh", command + "\n"))
        return found
    if name == "machine.yaml":
        pods = next(yaml.safe_load_all(text(path)))["machine"]["pods"]
        return [("pod", "sh", pods[0]["spec"]["containers"][0]["command"][2] + "\n")]
    if name.endswith(".sh") or "/hooks/" in path:
        return [(name, "bash" if text(path).startswith("#!/bin/bash") else "sh", text(path))]
    return []


def structure(path):
    name = os.path.basename(path)
    if name == "ks.cfg":
        handler = kickstart(path, kickstart_version(path))
        options = []
        for line in str(handler).split("%pre")[0].splitlines():
            words = line.split()
            if words and not words[0].startswith("#"):
                options.append(words[0])
        sections = [(s.type, s.interp, s.inChroot, s.errorOnFail, s.logfile) for s in handler.scripts]
        packages = (sorted(handler.packages.packageList), [g.name for g in handler.packages.groupList])
        trees = [shell_tree(script.script) for script in handler.scripts]
        return options, sections, packages, trees
    if name in ("preseed.cfg", "rescue.cfg"):
        return [row[:3] for row in preseed(path)] + [shell_tree(s[2]) for s in scripts(path)]
    if name in ("user-data", "meta-data", "vendor-data", "machine.yaml"):
        return [shape(part) for part in yaml.safe_load_all(text(path))]
    if name.endswith(".ign"):
        return shape(json.loads(text(path)))
    if name == "boot.ipxe":
        return [line.split(" ")[0] for line in text(path).splitlines()]
    if name == "authorized_keys":
        return text(path)
    return shell_tree(text(path))


def difference(first, second, where="it"):
    """The first place where two structures differ; None: nowhere."""
    if type(first) is not type(second):
        return f"{where}: {first!r:.300} and {second!r:.300}"
    if isinstance(first, dict):
        if first.keys() != second.keys():
            return f"{where}: {sorted(first)} and {sorted(second)}"
        pairs = [(key, first[key], second[key]) for key in first]
    elif isinstance(first, (list, tuple)):
        if len(first) != len(second):
            return f"{where}: {len(first)} and {len(second)} items: {second!r:.600}"
        pairs = [(index, *pair) for index, pair in enumerate(zip(first, second))]
    else:
        return None if first == second else f"{where}: {first!r:.300} and {second!r:.300}"
    return next((d for key, a, b in pairs if (d := difference(a, b, f"{where}.{key}"))), None)


# What is expected of one file -------------------------------------------------------------------

# The smallest that each format asks for, by its published description; where a validator was to be
# had, examples.sh has asked it too.
REQUIRED = {
    "autoinstall": ["version", "identity", "ssh", "storage", "late-commands"],
    "talos": {
        "machine": ["type", "token", "ca", "install"],
        "cluster": ["id", "secret", "controlPlane", "clusterName", "token", "ca"],
    },
    "ignition": ["ignition", "systemd"],
}


def required(path):
    """What is missing of what the format asks for."""
    name = os.path.basename(path)
    if name == "user-data":
        content = load(path)
        if not text(path).startswith("#cloud-config\n"):
            return ["#cloud-config"]
        if "autoinstall" not in content:
            return [key for key in ("users", "hostname") if key not in content]
        install = content["autoinstall"]
        missing = [key for key in REQUIRED["autoinstall"] if key not in install]
        missing += [] if install.get("version") == 1 else ["version 1"]
        identity = install.get("identity", {})
        return missing + [k for k in ("hostname", "username", "password") if not identity.get(k)]
    if name == "meta-data":
        return [] if load(path).get("instance-id") else ["instance-id"]
    if name == "machine.yaml":
        config, *others = list(yaml.safe_load_all(text(path)))
        missing = [] if config.get("version") == "v1alpha1" else ["version"]
        for part, keys in REQUIRED["talos"].items():
            missing += [f"{part}.{key}" for key in keys if key not in config.get(part, {})]
        if config["machine"]["type"] == "controlplane":
            keys = ("aggregatorCA", "serviceAccount", "etcd", "secretboxEncryptionSecret")
            missing += [f"cluster.{key}" for key in keys if key not in config["cluster"]]
        hosts = [other for other in others if other.get("kind") == "HostnameConfig"]
        return missing + ([] if hosts and hosts[0].get("hostname") else ["HostnameConfig"])
    if name.endswith(".ign"):
        content = json.loads(text(path))
        missing = [key for key in REQUIRED["ignition"] if key not in content]
        return missing + ([] if content["ignition"].get("version") == "3.3.0" else ["version"])
    if name == "boot.ipxe":
        unknown = []
        for number, line in enumerate(text(path).splitlines(), 1):
            word = line.split(" ")[0]
            if number == 1 and line == "#!ipxe":
                continue
            if word and word[0] not in ":#" and word not in IPXE:
                unknown.append(f"line {number}: {word}")
        return unknown
    return []


def whole_value(path):
    """Where a hostile value must be read back as it was written; None: nowhere."""
    name = os.path.basename(path)
    # What joined the next line to a preseed's would not be a value's end any more.
    one_line = HOSTILE.replace("\n", " ")[:-1] + "_"
    if name == "ks.cfg":
        users = kickstart(path, kickstart_version(path)).user.userList
        return "fullname" + HOSTILE.replace("\n", " "), [user.gecos for user in users]
    if name == "preseed.cfg":
        rows = preseed(path)
        return "fullname" + one_line, [row[3] for row in rows if row[1] == "passwd/user-fullname"]
    if name == "user-data":
        return "locale" + HOSTILE, texts(load(path))
    if name == "machine.yaml":
        return "cluster" + HOSTILE, texts(list(yaml.safe_load_all(text(path))))
    return None


def check(plain, hostile_folder, name):
    def say(what, good, *why):
        print(("ok " if good else "not ok ") + what)
        for line in why if not good else ():
            print("# " + str(line)[:2000].replace("\n", "\n# "))

    good, bad = os.path.join(plain, name), os.path.join(hostile_folder, name)
    missing = required(good)
    say(f"{name} has what its format asks for", not missing, missing)
    try:
        seen = difference(structure(good), structure(bad))
        say(f"{name} keeps its structure whatever its values are", seen is None, seen)
    except Exception as error:  # Every parser has its own.
        say(f"{name} can be read whatever its values are", False, repr(error))
        return
    expected = whole_value(bad)
    if expected:
        say(f"{name} says a hostile value whole", expected[0] in expected[1], *expected)


def main(arguments):
    if arguments[0] == "machines":
        machines(arguments[1])
    elif arguments[0] == "values":
        values(*arguments[1:3])
    elif arguments[0] == "scripts":
        for path in files(arguments[1]):
            for name, shell, content in scripts(f"{arguments[1]}/{path}"):
                place = f"{arguments[2]}/{path.replace('/', '-')}-{name}.{shell}"
                with open(place, "w", encoding="utf-8") as file:
                    file.write(content)
    elif arguments[0] == "check":
        first, second = files(arguments[1]), files(arguments[2])
        print(("ok" if first == second and first else "not ok") + " both have the same files")
        for name in first:
            check(arguments[1], arguments[2], name)
    else:
        sys.exit(__doc__)


main(sys.argv[1:])
