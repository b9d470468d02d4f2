# shellcheck shell=bash
# Debian packages that are downloaded and unpacked, never installed: sourced by the scripts beside
# it. apt verifies each of them by the keyring of Debian's archive.

apt_options=()

# apt_for ARCHITECTURE FOLDER: from here on, apt is about ARCHITECTURE. Where this machine is of
# another, apt gets lists and a cache of its own in FOLDER, from the machine's own sources of
# Debian: so the machine need not be told of a foreign architecture, and none of its state changes.
apt_for() {
  local architecture=$1 release part
  if [ "$architecture" = "$(dpkg --print-architecture)" ]; then
    apt-cache show busybox-static >/dev/null 2>&1 || apt-get update -qq
    return
  fi
  release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  [ -n "$release" ] || {
    echo "apt.sh: this is no release of Debian" >&2
    return 2
  }
  mkdir -p "$2"/{state/lists/partial,cache/archives/partial,sources,none}
  chmod -R a+rX "$2"
  # Other people's packages for this release are not asked: they would only be slow or missing.
  for part in /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources}; do
    if [ -e "$part" ] && grep -qE "(^|[[:space:]])$release(-[a-z]+)*([[:space:]/]|\$)" "$part"; then
      cp "$part" "$2/sources/$(basename "$part")"
      [ "$part" != /etc/apt/sources.list ] || mv "$2/sources/sources.list" "$2/sources/main.list"
    fi
  done
  cat >"$2/apt.conf" <<CONFIGURATION
APT::Architecture "$architecture";
#clear APT::Architectures;
APT::Architectures { "$architecture"; };
APT::Sandbox::User "root";
APT::Default-Release "";
#clear APT::Update;
Dir::State "$2/state";
Dir::State::status "/dev/null";
Dir::Cache "$2/cache";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$2/sources";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "$2/none";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
Acquire::AllowDowngradeToInsecureRepositories "false";
APT::Get::AllowUnauthenticated "false";
CONFIGURATION
  # Read after the machine's own configuration, which says how mirrors are reached.
  apt_options=(-c "$2/apt.conf")
  # One source out of reach is no reason to give up: the download says whether it mattered.
  apt-get "${apt_options[@]}" update -qq || true
}

# newest PACKAGE: what a package depends on that is empty but for a dependency on the newest of its
# kind, as Debian's kernels are.
newest() {
  apt-cache "${apt_options[@]}" depends --important "$1" | sed -n 's/.*Depends: \([^ ]*\).*/\1/p' | head -n 1
}

# unpack FOLDER PACKAGE…: downloads packages and unpacks them into FOLDER.
unpack() {
  local folder=$1 package
  shift
  mkdir -p "$folder/.deb"
  chmod 755 "$folder" "$folder/.deb"
  (cd "$folder/.deb" && apt-get "${apt_options[@]}" download -qq -o APT::Sandbox::User=root "$@")
  for package in "$folder"/.deb/*.deb; do dpkg-deb -x "$package" "$folder"; done
  rm -rf "$folder/.deb"
}
