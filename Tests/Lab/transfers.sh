#!/usr/bin/env bash
# TFTP for other people's clients: tftp-hpa, atftp, curl and busybox get files byte-identically.
# shellcheck source=Tests/Lab/lab.sh disable=SC2119
. "$(dirname "$0")/lab.sh"

# Nothing, around a block of 512, whole blocks of 1468, and 1 MiB.
SIZES=(0 1 511 512 513 1468 4404 1048576)
# One block of 512 more than a block number can count, and a bit.
ROLLOVER=33554555

by_hpa() { tftp -m binary "$SERVER" -c get "$1" "$2" </dev/null; }
by_atftp() { atftp --get --remote-file "$1" --local-file "$2" "$SERVER" </dev/null; }
by_atftp_1468() {
  atftp --option "blksize 1468" --option "tsize 0" --get --remote-file "$1" --local-file "$2" "$SERVER" </dev/null
}
by_atftp_window() {
  atftp --option "blksize 1024" --option "windowsize 8" --get --remote-file "$1" --local-file "$2" "$SERVER" </dev/null
}
by_curl() { curl -sS --output "$2" "tftp://$SERVER/$1"; }
by_curl_plain() { curl -sS --tftp-no-options --output "$2" "tftp://$SERVER/$1"; }
by_curl_1428() { curl -sS --tftp-blksize 1428 --output "$2" "tftp://$SERVER/$1"; }
by_busybox() { busybox tftp -g -r "$1" -l "$2" "$SERVER"; }
by_busybox_1468() { busybox tftp -b 1468 -g -r "$1" -l "$2" "$SERVER"; }

# A function cannot be handed to ip netns exec, so a shell in there gets them all.
export SERVER WORK
export -f by_hpa by_atftp by_atftp_1468 by_atftp_window by_curl by_curl_plain by_curl_1428 by_busybox by_busybox_1468

fetch() { # fetch N CLIENT FILE: CLIENT, on machine N, gets FILE; true when every byte is right
  local to="$WORK/got-$1-$2-${3//\//-}"
  rm -f "$to"
  on "$1" timeout 60 bash -c "by_$2 '$3' '$to'" >"$to.log" 2>&1
  # curl makes no file of an empty one.
  [ -e "$to" ] || [ -s "$WORK/files/$3" ] || : >"$to"
  cmp "$WORK/files/$3" "$to" || { cat "$to.log"; return 1; }
  rm -f "$to" "$to.log"
}

all_sizes() {
  local size wrong=0
  for size in "${SIZES[@]}"; do fetch 1 "$1" "bytes-$size" || wrong=1; done
  return "$wrong"
}

refused() { # refused PATH: an error at once, and not a byte
  local said
  rm -f "$WORK/stolen"
  said=$(on 1 timeout 3 busybox tftp -g -r "$1" -l "$WORK/stolen" "$SERVER" 2>&1)
  local status=$?
  echo "$said"
  [ "$status" != 0 ] && [ "$status" != 124 ] && [ ! -s "$WORK/stolen" ] && [[ $said == *"server error"* ]]
}

lab_up
for n in 1 2; do
  machine "$n"
  ip -n "$LAB-c$n" addr add "10.77.0.$((49 + n))/24" brd + dev e0
done
for size in "${SIZES[@]}" "$ROLLOVER"; do head -c "$size" /dev/urandom >"$WORK/files/bytes-$size"; done
mkdir -p "$WORK/files/debian/12" "$WORK/outside"
echo nested >"$WORK/files/debian/12/linux"
echo secret >"$WORK/outside/secret"
ln -s "$WORK/outside/secret" "$WORK/files/link-out"
ln -s "$WORK/outside" "$WORK/files/folder-out"
mkfifo "$WORK/files/pipe"
configure
check "bootwire starts" serve

for client in hpa atftp atftp_1468 atftp_window curl curl_plain curl_1428 busybox busybox_1468; do
  check "$client gets ${#SIZES[@]} sizes byte-identically" all_sizes "$client"
done

in_background() { # in_background NAME N CLIENT FILE
  local name=$1
  shift
  names+=("$name")
  fetch "$@" >"$WORK/background-${#names[@]}" 2>&1 &
  jobs+=("$!")
}

all_done() {
  local i
  for i in "${!jobs[@]}"; do
    if wait "${jobs[$i]}"; then ok "${names[$i]}"; else not_ok "${names[$i]}" "$(cat "$WORK/background-$((i + 1))")"; fi
  done
  names=()
  jobs=()
}

# Block numbers start again at 0 after 65535: four clients of four authors, all at once.
names=()
jobs=()
for client in hpa atftp curl_plain busybox; do
  in_background "$client gets 33 MB in blocks of 512" 1 "$client" "bytes-$ROLLOVER"
done
all_done
in_background "two machines get a file at once: the one" 1 curl bytes-1048576
in_background "two machines get a file at once: the other" 2 busybox_1468 bytes-1048576
all_done

check "a file in a folder" fetch 1 busybox debian/12/linux
check "a miss is answered at once" refused nothing-here
check "a folder is no file" refused debian
check "a pipe is no file" refused pipe
for path in ../outside/secret ../../etc/passwd /../outside/secret debian/../../outside/secret \
  "$WORK/outside/secret" link-out folder-out/secret '..\outside\secret'; do
  check "no way out by $(basename "$(dirname "$path")")/$(basename "$path") [${#path}]" refused "$path"
done
# A new release of the whole tree, moved into the place of the old one.
mkdir "$WORK/next"
echo "of the next release" >"$WORK/next/release"
mv "$WORK/files" "$WORK/old"
mv "$WORK/next" "$WORK/files"
check "a folder moved into the tree's place is served" until_true 5 fetch 1 busybox release
check "and the old one is not" refused debian/12/linux
check "bootwire still answers" ask status
finish
