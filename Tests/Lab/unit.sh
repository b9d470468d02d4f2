#!/usr/bin/env bash
# What `make install` puts on a machine: the unit is well formed and as strict as it claims, its
# user and folders come to be. systemd itself need not run.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"

# systemd's own measure, in tenths: 0 is out of reach for anything with a network, an unrestricted
# service has 96.
EXPOSURE=18
ROOT=$WORK/root
UNIT_FILE=$ROOT/usr/lib/systemd/system/bootwire.service

installs() {
  make -s -C "$TOP" install "DESTDIR=$ROOT" PREFIX=/usr "STRIPPED=$BOOTWIRE"
}
verifies() { # the programs that it names must exist for systemd to be content
  sed -e "s#/usr/bin/bootwire#$BOOTWIRE#" "$UNIT_FILE" >"$WORK/bootwire.service"
  local said
  said=$(systemd-analyze verify "$WORK/bootwire.service" 2>&1)
  local status=$?
  echo "$said"
  # Nothing to say about ours; what it says of this machine's other units is not ours.
  [ "$status" = 0 ] && ! grep -q bootwire <<<"$said"
}
only_two() { # only_two DIRECTIVE: it says exactly the two capabilities
  [ "$(sed -n "s/^$1=//p" "$UNIT_FILE" | tr ' ' '\n' | sort | tr '\n' ' ')" = "CAP_NET_BIND_SERVICE CAP_NET_RAW " ]
}

calls_of() { # calls_of NAME…: system calls and, for @groups, all that are in them
  local name
  for name in "$@"; do
    case $name in
    @*) # shellcheck disable=SC2046
      calls_of $(systemd-analyze --no-pager syscall-filter "$name" 2>/dev/null | sed -n 's/^    \([@a-z0-9_-]*\)$/\1/p')
      ;;
    *) echo "$name" ;;
    esac
  done
}
granted_calls() { # what the unit's filters leave, taken in their order
  local filter
  : >"$WORK/granted"
  calls_of @default >"$WORK/granted"
  while read -r filter; do
    # shellcheck disable=SC2086
    calls_of ${filter#\~} | sort -u >"$WORK/named"
    if [[ $filter == \~* ]]; then
      grep -vxFf "$WORK/named" "$WORK/granted" >"$WORK/left"
    else
      sort -u "$WORK/granted" "$WORK/named" >"$WORK/left"
    fi
    mv "$WORK/left" "$WORK/granted"
  done < <(sed -n 's/^SystemCallFilter=//p' "$UNIT_FILE")
}
made_calls() { # what bootwire called since it was started by strace, which calls execve itself
  sed -n 's/^[0-9]* *\([a-z][a-z0-9_]*\)(.*/\1/p' "$WORK/calls" | grep -vx execve | sort -u
}
all_granted() {
  granted_calls
  local refused
  refused=$(made_calls | grep -vxFf "$WORK/granted")
  echo "the unit's filter refuses:" "$refused"
  [ -z "$refused" ] && [ "$(made_calls | wc -l)" -gt 20 ]
}

check "make install installs into a root" installs
check "the binary runs from there" "$ROOT/usr/bin/bootwire" version
for file in systemd/system/bootwire.service sysusers.d/bootwire.conf tmpfiles.d/bootwire.conf sysctl.d/90-bootwire.conf; do
  check "usr/lib/$file is installed" test -s "$ROOT/usr/lib/$file"
done
check "systemd-analyze verify has nothing to say" verifies
check "Case 57: systemd-analyze security is content: at most $EXPOSURE tenths" \
  systemd-analyze security --offline=true --no-pager --threshold="$EXPOSURE" "$UNIT_FILE"
check "Case 57: AmbientCapabilities are exactly two" only_two AmbientCapabilities
check "Case 57: CapabilityBoundingSet is exactly two" only_two CapabilityBoundingSet
same "Case 57: the lab drops to what the unit grants" "$CAPABILITIES" \
  "-all$(sed -n 's/^AmbientCapabilities=//p' "$UNIT_FILE" | tr ' ' '\n' | tr '[:upper:]' '[:lower:]' | sed 's/^cap_/,+/' | tr -d '\n')"

for setting in User=bootwire Group=bootwire NoNewPrivileges=yes ProtectSystem=strict ProtectHome=yes PrivateDevices=yes \
  PrivateTmp=yes StateDirectory=bootwire RuntimeDirectory=bootwire UMask=0027 \
  'RestrictAddressFamilies=AF_INET AF_INET6 AF_PACKET AF_UNIX AF_NETLINK' SystemCallFilter=@system-service; do
  check "Case 57: the unit says $setting" grep -qx "$setting" "$UNIT_FILE"
done
mkdir -p "$ROOT/etc"
check "Case 57: sysusers makes the user" systemd-sysusers "--root=$ROOT" "$ROOT/usr/lib/sysusers.d/bootwire.conf"
check "who cannot log in" grep -q '^bootwire:.*:/usr/sbin/nologin$' "$ROOT/etc/passwd"
check "tmpfiles makes the folders" systemd-tmpfiles "--root=$ROOT" --create "$ROOT/usr/lib/tmpfiles.d/bootwire.conf"
same "the state is for its owner and group" 750 "$(stat -c %a "$ROOT/var/lib/bootwire")"
same "and is the user's" "$(sed -n 's/^bootwire:[^:]*:\([0-9]*\):.*/\1/p' "$ROOT/etc/passwd")" "$(stat -c %u "$ROOT/var/lib/bootwire")"

# systemd's seccomp filter cannot be had without systemd: so what bootwire calls, while it serves,
# reloads and stops, is held against what the filter grants.
lab_up
machine 1
head -c 3000000 /dev/urandom >"$WORK/files/file"
configure
: >"$WORK/calls"
chmod 666 "$WORK/calls"
check "bootwire starts under the eyes of strace" serve_as_unit strace -D -f -qq -o "$WORK/calls"
check "a machine gets an address" test -n "$(lease 1)"
check "a file by TFTP" on 1 busybox tftp -b 1468 -g -r file -l "$WORK/got" "$SERVER"
check "a file by HTTP" on 1 curl -sS -o "$WORK/got" "http://$SERVER/files/file"
check "a report" on 1 curl -sS --data text "http://$SERVER/machines/lab-bios/report"
kill -HUP "$server_pid"
check "the leases are listed" ask leases list
stop_server TERM
check "Case 57: every system call that it made is granted by the unit" all_granted

check "the sysctl file is one" grep -Eq '^net\.core\.rmem_max = [0-9]+$' "$ROOT/usr/lib/sysctl.d/90-bootwire.conf"
finish
