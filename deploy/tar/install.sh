#!/bin/sh
# Installs leakwatch below a prefix and, as root where systemd runs, its two services. Run again it brings
# the installation up to date; configuration and history stay.
#   ./install.sh [--prefix DIR] [--no-service]
#   ./install.sh --uninstall [--prefix DIR] [--purge]
# The prefix is /usr/local without the option. --purge removes configuration and history as well.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
prefix=/usr/local action=install service=yes purge=no
units="leakwatch-gateway.service leakwatch.service"

fail() { # MESSAGE
  echo "install.sh: $1" >&2
  exit "${2:-1}"
}

while [ $# -gt 0 ]; do
  case $1 in
    --prefix) [ $# -ge 2 ] || fail "--prefix needs a directory" 2; prefix=$2; shift ;;
    --prefix=*) prefix=${1#*=} ;;
    --no-service) service=no ;;
    --uninstall) action=uninstall ;;
    --purge) purge=yes ;;
    -h | --help) sed -n '2,6s/^# *//p' "$0"; exit ;;
    *) fail "unknown option $1" 2 ;;
  esac
  shift
done
case $prefix in
  *[!A-Za-z0-9/._+-]*) fail "the prefix may have letters, digits and / . _ + - only" 2 ;;
  /*) ;;
  *) fail "the prefix must be an absolute path" 2 ;;
esac
prefix=${prefix%/}
home=$prefix/lib/leakwatch
list=$home/installed-files
[ "$(id -u)" -eq 0 ] || service=no

put() { # MODE FROM TO
  mkdir -p "$(dirname "$3")"
  install -m "$1" "$2" "$3"
  echo "$3" >>"$list.new"
}

remove_files() { # FILE with a list
  while IFS= read -r file; do
    rm -f "$file"
    directory=$(dirname "$file")
    while [ "$directory" != "$prefix" ] && rmdir "$directory" 2>/dev/null; do
      directory=$(dirname "$directory")
    done
  done <"$1"
}

systemd_runs() {
  [ -d /run/systemd/system ]
}

uninstall() {
  [ -e "$list" ] || fail "nothing of this script's is installed below $prefix"
  if grep -q '^/etc/systemd/system/' "$list"; then
    # shellcheck disable=SC2086
    ! systemd_runs || systemctl --quiet disable --now $units || true
  fi
  copy=$(mktemp)
  cat "$list" >"$copy"
  rm -f "$list" "$home/leakwatch.jsa"
  remove_files "$copy"
  rm -f "$copy"
  rmdir "$home" 2>/dev/null || true
  ! systemd_runs || systemctl daemon-reload || true
  if [ $purge = yes ]; then
    rm -rf /var/lib/leakwatch /etc/leakwatch/leakwatch.conf
    rmdir /etc/leakwatch 2>/dev/null || true
  fi
}

install_files() {
  mkdir -p "$home"
  : >"$list.new"
  (cd "$here" && find bin lib share -type f) >"$home/files.new"
  while IFS= read -r file; do
    put 644 "$here/$file" "$prefix/$file"
  done <"$home/files.new"
  rm "$home/files.new"
  sed "s#:-/usr/lib/leakwatch}#:-$home}#" "$here/bin/leakwatch" >"$prefix/bin/leakwatch"
  chmod 755 "$prefix/bin/leakwatch"
  put 755 "$here/install.sh" "$home/install.sh"
}

install_service() {
  sh "$here/service/users"
  [ -d /var/lib/leakwatch ] || install -d -m 0750 -o leakwatch -g leakwatch /var/lib/leakwatch
  if [ ! -e /etc/leakwatch/leakwatch.conf ]; then
    mkdir -p /etc/leakwatch
    install -m 644 "$here/service/leakwatch.conf" /etc/leakwatch/leakwatch.conf
  fi
  systemd_runs || return 0
  for unit in $units; do
    put 644 "$here/service/$unit" "/etc/systemd/system/$unit"
    sed "s#^ExecStart=/usr/bin/#ExecStart=$prefix/bin/#" "$here/service/$unit" \
      >"/etc/systemd/system/$unit"
    # What older ones misunderstand: the file says it.
    version=$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
    [ "${version:-999}" -ge 231 ] || put 644 "$here/service/systemd-219/${unit%.service}.conf" \
      "/etc/systemd/system/$unit.d/systemd-219.conf"
  done
}

drop_outdated_files() {
  if [ -e "$list" ]; then
    grep -vxF -f "$list.new" "$list" >"$list.old" || true
    remove_files "$list.old"
    rm -f "$list.old"
  fi
  mv "$list.new" "$list"
}

start_service() {
  if systemd_runs; then
    systemctl daemon-reload
    systemctl --quiet enable leakwatch.service
    systemctl restart leakwatch.service
    echo "leakwatch runs as a service: systemctl status leakwatch leakwatch-gateway"
    return
  fi
  capabilities=-all,+sys_ptrace,+dac_read_search
  cat <<END
No systemd runs here, so nothing starts leakwatch by itself. Let the node's init run as root:
  setpriv --reuid=leakwatch --regid=leakwatch --init-groups --inh-caps=$capabilities \\
    --ambient-caps=$capabilities --bounding-set=$capabilities $prefix/bin/leakwatch run
END
}

if [ $action = uninstall ]; then
  uninstall
  exit
fi
[ ! -e /usr/lib/leakwatch/leakwatch.jar ] || [ -e /usr/lib/leakwatch/installed-files ] ||
  [ $service = no ] || fail "a package of leakwatch is installed; remove it first, or use --no-service"
install_files
[ $service = no ] || install_service
drop_outdated_files
"$prefix/bin/leakwatch" --version
"$prefix/bin/leakwatch" --archive-classes || true
if [ $service = yes ]; then
  start_service
else
  echo "No service: $prefix/bin/leakwatch inspects and diagnoses; as root and without --no-service this" \
    "script also starts the agent."
fi
