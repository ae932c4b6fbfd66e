#!/bin/sh
# Install the Debian packages that tests (and, with "bench", benchmarks) talk to, where that is possible: as root, on
# Debian. Elsewhere it says what is missing; a test that needs it skips, and names the package.
set -eu

packages="prometheus prometheus-alertmanager nginx snmpd snmp ffmpeg gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-base \
gstreamer1.0-plugins-good chromium poppler-utils fonts-noto-core gcc libc6-dev libssl-dev"
[ "${1:-}" = bench ] && packages="prometheus-blackbox-exporter prometheus-snmp-exporter snmpd gcc libc6-dev libssl-dev"

command -v dpkg-query >/dev/null 2>&1 || { echo "Not Debian: tests that need $packages may skip."; exit 0; }
missing=""
for package in $packages; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" -ne 0 ]; then
    echo "Missing, and only root may install them; tests that need them skip: apt install$missing"
    exit 0
fi
echo "Installing for the tests:$missing"
# The tests start servers of their own on free ports; the packages' own services are not to be started.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086 # a list of packages
apt-get install -y -qq --no-install-recommends $missing >/dev/null
