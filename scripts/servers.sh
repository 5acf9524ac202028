#!/bin/sh
# Installs the servers that some tests start on loopback, where it may: as root, or with password-less sudo, on
# Debian and Ubuntu. Elsewhere it says which tests will be skipped. It starts nothing.
set -u

have_postgres() {
    command -v initdb >/dev/null 2>&1 && return 0
    ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1
}

have_postgres && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "servers: no apt-get here; the tests marked 'postgres' are skipped unless initdb is on the PATH." >&2
    exit 0
fi
if [ "$(id -u)" = 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "servers: neither root nor password-less sudo; the tests marked 'postgres' are skipped." >&2
    exit 0
fi
echo "servers: installing PostgreSQL for the tests" >&2
$as_root apt-get update -qq >/dev/null 2>&1
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends postgresql >/dev/null 2>&1
have_postgres || echo "servers: PostgreSQL could not be installed; the tests marked 'postgres' are skipped." >&2
exit 0
