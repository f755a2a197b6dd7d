# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # run-page sets base, port and user
# The world of docs/certificates.md: an in-house authority, which issued pico1 a certificate and then revoked it.

authority=$base/authority
of_authority() { openssl ca -config "$authority/ca.conf" -cert "$authority/ca.crt" -keyfile "$authority/ca.key" "$@" 2>&1; }

# connects ID
connects() {
    mosquitto_pub -h localhost -p "${port[8883]}" --cafile "$base/etc/reseal/ca/ca.crt" --cert "$authority/$1.crt" \
        --key "$authority/$1.key" -i "$1" -t probe -n
}
registered_certificate_connects() { within 10 connects pump7; }
own_certificate_connects() { within 10 connects pico1; }
own_certificate_is_refused() { ! connects pico1; }
own_certificate_is_out() { within 10 own_certificate_is_refused; }

# takes_identity FILE: plays the reader's editor.
takes_identity() {
    local settings=$base/etc/reseal/reseal.yaml
    awk -v file="$1" '
        /^identity:/ { while ((getline line <file) > 0) print line; inside = 1; next }
        inside && /^ / { next }
        { inside = 0; print }' "$settings" >"$settings.new"
    chmod 644 "$settings.new"
    mv "$settings.new" "$settings"
}

make_authority() {
    local name key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90)
    mkdir "$authority"
    touch "$authority/index"
    echo 01 >"$authority/number"
    printf '%s\n' '[ca]' 'default_ca=x' '[x]' "database=$authority/index" "crlnumber=$authority/number" 'default_md=sha256' \
        >"$authority/ca.conf"
    openssl req -x509 "${key[@]}" -subj /CN=House -keyout "$authority/ca.key" -out "$authority/ca.crt" 2>&1
    for name in pico1 pump7; do
        openssl req -x509 "${key[@]}" -subj "/CN=$name" -addext extendedKeyUsage=clientAuth -addext basicConstraints=CA:FALSE \
            -CA "$authority/ca.crt" -CAkey "$authority/ca.key" -keyout "$authority/$name.key" -out "$authority/$name.crt" 2>&1
    done
    cp "$authority/pump7.crt" .
    of_authority -gencrl -crldays 3 -out "$base/etc/reseal/ca/devices.crl"
    of_authority -revoke "$authority/pico1.crt"
    of_authority -gencrl -crldays 3 -out devices.crl
    cp "$authority/ca.crt" "$base/etc/reseal/ca/devices.crt"
}

prepare() {
    a_site
    make_authority
    cat "$base"/etc/reseal/ca/{ca,devices}.crt >"$base/etc/reseal/ca/all.crt"
    sed -i 's#/ca/ca.crt#/ca/all.crt#' "$base/etc/mosquitto/mosquitto.conf"
    chmod 644 "$base"/etc/reseal/ca/*.cr[lt]
    start_service mosquitto
    principal pico1 wearable
}
