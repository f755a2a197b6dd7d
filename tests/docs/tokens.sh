# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # run-page sets base
# The world of docs/tokens.md: an authorization server, which issued a token to the tablet, and a thief who has it.

thumbprint() {
    openssl x509 -in "$base/etc/reseal/principals/$1/$1.crt" -outform DER | openssl dgst -sha256 -binary | basenc --base64url
}

# is_thumbprint ID: the token is bound to its certificate.
is_thumbprint() { { cut -d. -f2 token | basenc --base64url -d 2>&1 || true; } | grep -qF "$(thumbprint "$1" | tr -d =)"; }

# issue ID: writes jwks.json, and a token for an hour.
issue() {
    node - "$(thumbprint "$1" | tr -d =)" <<'END'
const crypto = require('crypto');
const fs = require('fs');
const { publicKey, privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' });
fs.writeFileSync('jwks.json', JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: '2026', use: 'sig' }] }));
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const text = part({ alg: 'ES256', kid: '2026', typ: 'at+jwt' }) + '.' + part({
    iss: 'https://login.example', aud: 'reseal', scope: 'ward:read',
    exp: Math.floor(Date.now() / 1000) + 3600, cnf: { 'x5t#S256': process.argv[2] } });
const signature = crypto.sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
fs.writeFileSync('token', text + '.' + signature.toString('base64url'));
END
}

prepare() {
    local id
    a_site
    printf '\n  visitor: {}\n' >visitor
    sed -i '/^roles:/r visitor' "$base/etc/reseal/acl.yaml"
    start_service mosquitto
    for id in tablet thief; do
        principal "$id" visitor
        cp "$base/etc/reseal/principals/$id/$id".{crt,key} .
    done
    cp "$base/etc/reseal/ca/ca.crt" .
    issue tablet
}
