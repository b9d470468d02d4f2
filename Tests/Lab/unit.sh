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

check "make install installs into a root" installs
check "the binary runs from there" "$ROOT/usr/bin/bootwire" version
for file in systemd/system/bootwire.service sysusers.d/bootwire.conf tmpfiles.d/bootwire.conf sysctl.d/90-bootwire.conf; do
  check "usr/lib/$file is installed" test -s "$ROOT/usr/lib/$file"
done
check "systemd-analyze verify has nothing to say" verifies
check "systemd-analyze security is content: at most $EXPOSURE tenths" \
  systemd-analyze security --offline=true --no-pager --threshold="$EXPOSURE" "$UNIT_FILE"
check "AmbientCapabilities are exactly two" only_two AmbientCapabilities
check "CapabilityBoundingSet is exactly two" only_two CapabilityBoundingSet
same "the lab drops to what the unit grants" "$CAPABILITIES" \
  "-all$(sed -n 's/^AmbientCapabilities=//p' "$UNIT_FILE" | tr ' ' '\n' | tr '[:upper:]' '[:lower:]' | sed 's/^cap_/,+/' | tr -d '\n')"

mkdir -p "$ROOT/etc"
check "sysusers makes the user" systemd-sysusers "--root=$ROOT" "$ROOT/usr/lib/sysusers.d/bootwire.conf"
check "who cannot log in" grep -q '^bootwire:.*:/usr/sbin/nologin$' "$ROOT/etc/passwd"
check "tmpfiles makes the folders" systemd-tmpfiles "--root=$ROOT" --create "$ROOT/usr/lib/tmpfiles.d/bootwire.conf"
same "the state is for its owner and group" 750 "$(stat -c %a "$ROOT/var/lib/bootwire")"
same "and is the user's" "$(sed -n 's/^bootwire:[^:]*:\([0-9]*\):.*/\1/p' "$ROOT/etc/passwd")" "$(stat -c %u "$ROOT/var/lib/bootwire")"
check "the sysctl file is one" grep -Eq '^net\.core\.rmem_max = [0-9]+$' "$ROOT/usr/lib/sysctl.d/90-bootwire.conf"
finish
