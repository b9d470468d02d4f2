# shellcheck shell=bash
# dnsmasq and nginx as Debian ships them, in bootwire's place: sourced by times.sh, after guest.sh.
#
#   peer_files FIRMWARE…   the files that they serve, after `provide`: bootwire's kernel, initial RAM
#                          disk and loaders, and the scripts and menus that an operator writes by hand
#   peer_up [tuned]        starts both in bootwire's namespace; peer_down
#
# As shipped: neither package's configuration is changed but for what the boots need: a range, who
# gets which boot file, the TFTP root and the site's root. dnsmasq so looks for an address's owner,
# for three seconds, before it offers it. Tuned is what an operator comes to who has read iPXE's
# sources: no-ping, no waiting for a proxyDHCP (175.176), and a router advertisement.
# shellcheck disable=SC2034,SC2154

PEER=$WORK/peer
peer_pids=()

# nginx is unpacked, not installed: Debian's would start, and take this machine's port 80.
peer_programs() {
  # shellcheck source=Tests/Lab/apt.sh
  . "$TOP/Tests/Lab/apt.sh"
  NGINX=$(command -v nginx || echo "$CACHE/nginx/usr/sbin/nginx")
  MIME=/etc/nginx/mime.types
  [ -e "$MIME" ] || MIME=$CACHE/nginx/etc/nginx/mime.types
  [ -x "$NGINX" ] && [ -e "$MIME" ] && return
  rm -rf "$CACHE/nginx"
  apt_for "$(dpkg --print-architecture)" "$WORK/apt"
  unpack "$CACHE/nginx" nginx && unpack "$CACHE/nginx" nginx-common
  if [ ! -x "$NGINX" ] || [ ! -e "$MIME" ]; then die "no nginx"; fi
}

peer_arguments() { echo "console=$1 quiet panic=-1 answer=http://$SERVER/lab.txt"; }

# script FILE KERNEL-FOLDER CONSOLE: what iPXE runs.
peer_script() {
  printf '#!ipxe\nkernel http://%s/%slinux initrd=initrd.gz %s\ninitrd http://%s/%sinitrd.gz\nboot\n' \
    "$SERVER" "$2" "$(peer_arguments "$3")" "$SERVER" "$2" >"$PEER/$1"
}

peer_files() {
  local name
  mkdir -p "$PEER"/{pxelinux.cfg,grub}
  cp -a "$WORK/files/." "$PEER/"
  cp -a "$WORK/loaders/." "$PEER/"
  peer_script boot.ipxe "" ttyS0
  for name in "$@"; do
    case $name in
    arm64*) peer_script boot-arm64.ipxe arm64/ ttyAMA0 ;;
    bios-pxelinux)
      cat >"$PEER/pxelinux.ipxe" <<SCRIPT
#!ipxe
set 210:string tftp://$SERVER/signed/
chain tftp://$SERVER/signed/pxelinux.0
SCRIPT
      mkdir -p "$PEER/signed/pxelinux.cfg"
      cat >"$PEER/signed/pxelinux.cfg/default" <<MENU
DEFAULT lab
LABEL lab
  LINUX $SERVER::linux
  INITRD $SERVER::initrd.gz
  APPEND $(peer_arguments ttyS0)
MENU
      ;;
    bios-undionly)
      { echo '#!ipxe' && echo "iseq \${net0/chip} undionly || chain tftp://$SERVER/ipxe/undionly.kpxe" &&
        tail -n +2 "$PEER/boot.ipxe"; } >"$PEER/undionly.ipxe"
      ;;
    uefi-grub)
      # From a folder that is not below another, this shim asks for GRUB in the root.
      cp "$PEER/signed/"{shimx64,grubx64}.efi "$PEER/"
      cat >"$PEER/grub/grub.cfg" <<MENU
set timeout=0
menuentry lab {
  linux /linux $(peer_arguments ttyS0)
  initrd /initrd.gz
}
MENU
      ;;
    uboot)
      cat >"$WORK/boot.cmd" <<COMMANDS
setenv bootargs '$(peer_arguments ttyAMA0)'
tftpboot \${kernel_addr_r} arm64/linux
tftpboot \${ramdisk_addr_r} arm64/initrd.gz
booti \${kernel_addr_r} \${ramdisk_addr_r}:\${filesize} \${fdt_addr}
COMMANDS
      mkimage -A arm64 -O linux -T script -C none -d "$WORK/boot.cmd" "$PEER/boot.scr.uimg" >/dev/null || die "no mkimage"
      ;;
    esac
  done
  chmod -R a+rX "$PEER"
}

peer_dnsmasq() {
  cat <<CONFIGURATION
user=root
interface=s0
bind-interfaces
no-resolv
dhcp-leasefile=$PEER.leases
dhcp-range=10.77.0.100,10.77.0.199,255.255.255.0,1h
enable-tftp
tftp-root=$PEER
dhcp-match=set:ipxe,175
dhcp-match=set:bios,option:client-arch,0
dhcp-match=set:efi,option:client-arch,7
dhcp-match=set:efi,option:client-arch,9
dhcp-match=set:arm,option:client-arch,11
dhcp-match=set:efi-http,option:client-arch,16
dhcp-match=set:arm-http,option:client-arch,19
dhcp-match=set:uboot,option:client-arch,22
dhcp-mac=set:pxelinux,52:54:00:77:00:11
dhcp-mac=set:undionly,52:54:00:77:00:12
dhcp-mac=set:snponly,52:54:00:77:00:13
dhcp-mac=set:grub,52:54:00:77:00:15
dhcp-boot=tag:ipxe,tag:pxelinux,http://$SERVER/pxelinux.ipxe
dhcp-boot=tag:ipxe,tag:undionly,http://$SERVER/undionly.ipxe
dhcp-boot=tag:ipxe,tag:arm,http://$SERVER/boot-arm64.ipxe
dhcp-boot=tag:ipxe,tag:!arm,tag:!pxelinux,tag:!undionly,http://$SERVER/boot.ipxe
dhcp-boot=tag:!ipxe,tag:bios,ipxe/undionly.kpxe
dhcp-boot=tag:!ipxe,tag:efi,tag:snponly,snponly/snponly.efi
dhcp-boot=tag:!ipxe,tag:efi,tag:grub,shimx64.efi
dhcp-boot=tag:!ipxe,tag:efi,tag:!snponly,tag:!grub,ipxe/ipxe-amd64.efi
dhcp-boot=tag:!ipxe,tag:arm,ipxe/ipxe-arm64.efi
dhcp-option-force=tag:efi-http,60,HTTPClient
dhcp-option-force=tag:arm-http,60,HTTPClient
dhcp-boot=tag:!ipxe,tag:efi-http,http://$SERVER/ipxe/ipxe-amd64.efi
dhcp-boot=tag:!ipxe,tag:arm-http,http://$SERVER/ipxe/ipxe-arm64.efi
dhcp-boot=tag:uboot,boot.scr.uimg
CONFIGURATION
  [ "${1:-}" != tuned ] || cat <<TUNING
no-ping
dhcp-option-force=tag:ipxe,encap:175,176,1b
enable-ra
dhcp-range=fd77::,ra-only
ra-param=s0,0,0
TUNING
}

# /etc/nginx/nginx.conf and sites-available/default of the package, with folders of the lab.
peer_nginx() {
  cat <<CONFIGURATION
user root;
worker_processes auto;
pid $PEER.pid;
error_log $PEER.errors;
events { worker_connections 768; }
http {
  sendfile on;
  tcp_nopush on;
  types_hash_max_size 2048;
  include $MIME;
  default_type application/octet-stream;
  access_log $PEER.access;
  gzip on;
  client_body_temp_path $WORK; proxy_temp_path $WORK; fastcgi_temp_path $WORK; uwsgi_temp_path $WORK; scgi_temp_path $WORK;
  server {
    listen 80 default_server;
    root $PEER;
    index index.html;
    location / { try_files \$uri \$uri/ =404; }
  }
}
CONFIGURATION
}

peer_up() { # peer_up [tuned]
  rm -f "$PEER.leases"
  peer_dnsmasq "${1:-}" >"$PEER.dnsmasq.conf"
  peer_nginx >"$PEER.nginx.conf"
  if [ "${1:-}" = tuned ]; then ip -n "$SRV" -6 addr replace fd77::1/64 dev s0 nodad; fi
  ip netns exec "$SRV" dnsmasq --keep-in-foreground --conf-file="$PEER.dnsmasq.conf" --log-facility="$PEER.log" &
  peer_pids=("$!")
  ip netns exec "$SRV" "$NGINX" -g 'daemon off;' -e "$PEER.errors" -c "$PEER.nginx.conf" &
  peer_pids+=("$!")
  pids+=("${peer_pids[@]}")
  server_pid=
  until_true 10 ip netns exec "$SRV" busybox wget -q -O /dev/null "http://$SERVER/boot.ipxe" || die "nginx does not answer"
  until_true 10 grep -q 'DHCP, IP range' "$PEER.log" || die "dnsmasq does not start: $(tail -n 3 "$PEER.log")"
}

peer_down() {
  local pid
  for pid in "${peer_pids[@]}"; do
    kill "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
  done
  peer_pids=()
  ip -n "$SRV" -6 addr flush dev s0 scope global 2>/dev/null
}
