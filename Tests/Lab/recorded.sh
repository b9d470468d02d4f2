# shellcheck shell=bash
# The files that recordings were made with, for tests that play them by a configuration: sourced by the
# scripts beside it.

# The files that a recording's list names, of their lengths: what they held is in no recording.
files_of() { # files_of RECORDING
  local state count digest name path
  while read -r state count digest name; do
    if [ "$state" != elided ] || [ "$digest" = - ]; then continue; fi
    path=${name#*://*/}
    path=${path#files/}
    case $path in
    loaders/*) path=$WORK/$path ;;
    *) path=$WORK/files/$path ;;
    esac
    mkdir -p "$(dirname "$path")"
    case $path in
    *.efi) "$TOP/Tests/Lab/standin.pl" "$(case $path in *arm64* | *aa64*) echo arm64 ;; *) echo amd64 ;; esac)" "$count" ;;
    # A boot program by its first instruction, a jump to 7c0:5.
    *.kpxe | *.pxe | *.0) printf '\352\005\000\300\007' && head -c $((count - 5)) /dev/zero ;;
    # A module of Syslinux: ELF for i386.
    *.c32) printf '\177ELF\001\001\001' && head -c 9 /dev/zero && printf '\001\000\003\000' && head -c $((count - 20)) /dev/zero ;;
    *) head -c "$count" /dev/zero ;;
    esac >"$path"
  done < <(grep -v '^#' "$1.elided")
}
