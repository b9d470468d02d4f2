#!/usr/bin/env bash
# The examples of Fixtures/configurations/install, as machines get them from a bootwire that runs, by
# the tools of each format: debconf-set-selections, ksvalidator, cloud-init, ignition-validate,
# yamllint, shellcheck, dash, shfmt. Three times: as they are, with plain words in place of all values,
# and with hostile texts there: what a tool reads may differ in those values only.
#   AUTOINSTALL_SCHEMA=FILE TALOS_SCHEMA=FILE   the JSON schemas that Ubuntu and Talos publish, if at
#                                               hand: they are not in Debian
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"
# shellcheck source=Tests/Lab/apt.sh
. "$TOP/Tests/Lab/apt.sh"
EXAMPLES=$TOP/Fixtures/configurations/install
CACHE=${CACHE:-$TOP/.build/lab}
TOOLS=$CACHE/examples
PYKICKSTART=3.78
# Debian's own Python, which its packages are for.
PYTHON=/usr/bin/python3

examples() { "$TOOLS/venv/bin/python" "$TOP/Tests/Lab/examples.py" "$@"; }

# Unpacked, not installed: cloud-init would take the next boot of this machine for a cloud's first.
PACKAGES=(cloud-init ignition shfmt yamllint python3-attr python3-certifi python3-chardet
  python3-charset-normalizer python3-configobj python3-idna python3-jinja2 python3-json-pointer
  python3-jsonpatch python3-jsonschema python3-markupsafe python3-netifaces python3-oauthlib
  python3-pathspec python3-pyrsistent python3-requests python3-serial python3-six python3-urllib3
  python3-yaml)
tools() {
  local deb
  export PYTHONPATH=$TOOLS/usr/lib/python3/dist-packages SHFMT=$TOOLS/usr/bin/shfmt
  [ -e "$TOOLS/whole-$PYKICKSTART" ] && return
  rm -rf "$TOOLS"
  mkdir -p "$TOOLS/deb"
  apt_for "$(dpkg --print-architecture)" "$WORK/apt"
  (cd "$TOOLS/deb" && apt-get download -qq -o APT::Sandbox::User=root "${PACKAGES[@]}") || return 1
  for deb in "$TOOLS"/deb/*.deb; do dpkg-deb -x "$deb" "$TOOLS"; done
  rm -rf "$TOOLS/deb"
  "$PYTHON" -m venv "$TOOLS/venv" || return 1
  # What it needs is there already, from Debian.
  "$TOOLS/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps "pykickstart==$PYKICKSTART" || return 1
  touch "$TOOLS/whole-$PYKICKSTART"
}

# catalog NAME [plain|hostile]: the examples as the folder NAME, with this lab's paths, and with
# machines that install themselves at their first contact: nobody is here to arm them.
catalog() {
  local folder=$WORK/$1 file
  cp -r "$EXAMPLES" "$folder"
  sed -i -e "s#^state:.*#state: $WORK/state-$1#" -e "s#^files:.*#files: $WORK/files#" \
    -e "s#^loaders:.*#loaders: $WORK/loaders#" -e "s#^control:.*#control: $CONTROL#" "$folder/bootwire.yaml"
  sed -i 's/arm: operator/arm: first-contact/' "$folder"/*.yaml
  chmod 600 "$folder"/*secrets.yaml
  mkdir -p "$WORK/state-$1"
  [ $# = 1 ] && return
  for file in "$folder"/*.yaml; do
    grep -q '^machines:' "$file" || continue
    examples values "$file" "$2" >"$file.new" && mv "$file.new" "$file"
  done
}

get() { on 1 curl --silent --show-error --fail --max-time 20 --output "$2" "$1"; }

# boots VARIANT MACHINE MAC ANSWERS KIND: as the machine: an address, a script, and what it names
boots() {
  local folder=$WORK/got-$1/$2 base name
  mkdir -p "$folder/answers"
  ip -n "$LAB-c1" link set e0 down
  ip -n "$LAB-c1" link set e0 address "$3"
  ip -n "$LAB-c1" link set e0 up
  local as=()
  # A Raspberry Pi is U-Boot's by then, with a script of its own.
  [ "$2" != pi-1 ] || as=(-V U-Boot.armv8 -x 93:0016)
  lease 1 -x "hostname:$HOSTILE_NAME" "${as[@]}" >/dev/null || return 1
  if [ "$2" = pi-1 ]; then
    on 1 atftp --get --remote-file boot.scr.uimg --local-file "$WORK/boot.scr" "$SERVER" || return 1
    grep -aqE "^setenv bootargs '.* ds=nocloud;s=http://$SERVER/machines/[0-9a-f]{32}/answers/'\$" "$WORK/boot.scr" || return 1
  fi
  get "http://$SERVER/boot.ipxe" "$folder/boot.ipxe" || return 1
  [ "$4" = - ] && return
  base=$(grep -o "http://$SERVER/machines/[^/ ]*" "$folder/boot.ipxe" | head -n 1)
  for name in ${4//,/ }; do
    get "$base/answers/$name" "$folder/answers/$name" || return 1
  done
  [ "$5" = install ] || return 0
  mkdir "$folder/hooks"
  for name in pre-install post-install first-boot; do
    get "$base/hooks/$name" "$folder/hooks/$name" || return 1
  done
  on 1 curl --silent --show-error --fail --max-time 20 --output /dev/null \
    --data-binary $'state=installed\nhostname='"$2"$'\n' "$base/report" || return 1
  get "http://$SERVER/boot.ipxe" "$WORK/after.ipxe" && ! grep -q '^kernel' "$WORK/after.ipxe" || return 1
  # The token is one in this run and another in the next: not a part of what is compared.
  grep -rl "${base##*/}" "$folder" | xargs -r sed -i "s/${base##*/}/TOKEN/g"
}

ksvalidator() { "$TOOLS/venv/bin/ksvalidator" -v "$@"; }
schema() { "$PYTHON" -m cloudinit.cmd.main schema --config-file "$1"; }
json_schema() { # json_schema SCHEMA FILE [KEY]: each document of a YAML file, or what is below its KEY
  "$TOOLS/venv/bin/python" - "$@" <<'SCRIPT'
import json, sys, jsonschema, yaml
schema = json.load(open(sys.argv[1]))
for document in yaml.safe_load_all(open(sys.argv[2])):
    jsonschema.validate(document[sys.argv[3]] if len(sys.argv) > 3 else document, schema)
SCRIPT
}
yaml_lint() {
  "$PYTHON" -m yamllint --strict -d '{extends: default, rules: {line-length: disable, document-start: disable,
    braces: {max-spaces-inside: 0}, comments: {min-spaces-from-content: 1, require-starting-space: false}, comments-indentation: disable}}' "$@"
}

tools || die "the tools cannot be had"
for file in bootwire common secrets talos-secrets; do check "$file.yaml passes yamllint" yaml_lint "$EXAMPLES/$file.yaml"; done
check "all examples are one configuration" "$BOOTWIRE" check "$EXAMPLES"
for file in "$EXAMPLES"/*.yaml; do
  name=$(basename "$file" .yaml)
  case $name in bootwire | common | *secrets) continue ;; esac
  check "$name.yaml passes yamllint" yaml_lint "$file"
  mkdir "$WORK/$name"
  cp -r "$EXAMPLES"/{bootwire.yaml,common.yaml,common,*.mustache,"$name.yaml","$name"} "$EXAMPLES"/*secrets.yaml "$WORK/$name/"
  check "$name.yaml stands by itself" "$BOOTWIRE" check "$WORK/$name"
done

lab_up
ip -n "$SRV" link set s0 down
ip -n "$SRV" link set s0 name eth1
ip -n "$SRV" link set eth1 up
machine 1
HOSTILE_NAME=$'x\';"\nreboot\n${uuid}`id`$(id): #'
catalog default
catalog plain plain
catalog hostile hostile
for variant in default plain hostile; do
  CONFIG=$WORK/$variant
  check "bootwire serves them, $variant" serve
  while read -r file name mac answers kind; do
    check "$file: $name takes all that is for it, $variant" boots "$variant" "$name" "$mac" "$answers" "$kind"
  done < <(examples machines "$EXAMPLES")
  stop_server TERM
done

for variant in default hostile; do
  got=$WORK/got-$variant
  for file in "$got"/*/answers/{preseed,rescue}.cfg; do
    [ ! -e "$file" ] || check "debconf-set-selections takes ${file#"$got/"}, $variant" debconf-set-selections --checkonly "$file"
  done
  check "ksvalidator takes Fedora's, $variant" ksvalidator F44 "$got/fedora-1/answers/ks.cfg"
  for version in RHEL9 RHEL10; do
    check "ksvalidator takes CentOS's as $version, $variant" ksvalidator "$version" "$got/centos-1/answers/ks.cfg"
  done
  for file in "$got"/*/answers/{user,vendor}-data; do
    check "cloud-init's schema takes ${file#"$got/"}, $variant" schema "$file"
  done
  for file in "$got"/*/answers/*.ign; do
    check "ignition-validate takes ${file#"$got/"}, $variant" "$TOOLS/usr/bin/ignition-validate" "$file"
  done
  for file in "$got"/*/answers/{user-data,meta-data,vendor-data,machine.yaml}; do
    check "yamllint takes ${file#"$got/"}, $variant" yaml_lint "$file"
  done
  mkdir "$WORK/scripts-$variant"
  examples scripts "$got" "$WORK/scripts-$variant"
  for file in "$WORK/scripts-$variant"/*.{sh,bash}; do
    shell=${file##*.}
    check "${shell/#sh/dash} reads $(basename "$file" ".$shell"), $variant" "${shell/#sh/dash}" -n "$file"
    # What hostile values are is no style of ours.
    [ "$variant" = hostile ] || check "shellcheck takes $(basename "$file" ".$shell")" shellcheck --shell "$shell" "$file"
  done
done
if [ -n "${AUTOINSTALL_SCHEMA:-}" ]; then
  check "Ubuntu's own schema takes its answer" json_schema "$AUTOINSTALL_SCHEMA" "$WORK/got-default/ubuntu-1/answers/user-data" autoinstall
fi
for name in talos-cp-1 talos-worker-1; do
  [ -z "${TALOS_SCHEMA:-}" ] || check "Talos's own schema takes $name" json_schema "$TALOS_SCHEMA" "$WORK/got-default/$name/answers/machine.yaml"
done

# By the parser of each format, what hostile values leave as it is.
while IFS= read -r line; do
  case $line in
  "ok "*) ok "${line#ok }" ;;
  "not ok "*) not_ok "${line#not ok }" ;;
  *) echo "$line" ;;
  esac
done < <(examples check "$WORK/got-plain" "$WORK/got-hostile" 2>&1)
finish
