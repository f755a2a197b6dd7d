// SPDX-License-Identifier: Apache-2.0
// What the brokers that are compared know of their clients.
//
//   node site.js table SITE ROLE ID...       the table that `scripts/provision import` takes, on stdout
//   node site.js split SITE FILE             the credentials that it wrote, each beside its principal's certificate
//   node site.js dynamic-security PUBLISHERS SUBSCRIBERS
//                                            the file of Mosquitto's plugin, with the rights of acl.yaml, on stdout
'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const fileOf = (site, id, extension) => path.join(site, 'principals', id, `${id}.${extension}`);
const numbered = (name, count) => Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);

function table(site, role, ids) {
    const rows = ids.map((id) => {
        const certificate = new crypto.X509Certificate(fs.readFileSync(fileOf(site, id, 'crt')));
        return `${id},${role},${certificate.fingerprint256.replaceAll(':', '').toLowerCase()}`;
    });
    return ['principal,roles,certificate_sha256', ...rows].join('\n');
}

function split(site, file) {
    for (const line of fs.readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
        fs.writeFileSync(fileOf(site, JSON.parse(line).principal, 'json'), `${line}\n`, { mode: 0o600 });
    }
}

const right = (acltype, topic) => ({ acltype, topic, priority: 0, allow: true });

// Roles of this plugin know no name of their client: each publisher has one of its own.
function dynamicSecurity(publishers, subscribers) {
    const wearables = numbered('bench-pub', publishers);
    const clinician = { rolename: 'clinician',
        acls: [right('subscribePattern', 'ward/#'), right('publishClientReceive', 'ward/#')] };
    const client = (username, rolename) => ({ username, roles: [{ rolename }] });
    return {
        defaultACLAccess: { publishClientSend: false, publishClientReceive: false, subscribe: false, unsubscribe: true },
        groups: [],
        roles: [...wearables.map((id) => ({ rolename: id, acls: [right('publishClientSend', `ward/${id}/#`)] })),
            clinician],
        clients: [...wearables.map((id) => client(id, id)),
            ...numbered('bench-sub', subscribers).map((id) => client(id, 'clinician'))],
    };
}

if (require.main === module) {
    const [what, ...rest] = process.argv.slice(2);
    if (what === 'table') {
        console.log(table(rest[0], rest[1], rest.slice(2)));
    } else if (what === 'split') {
        split(...rest);
    } else {
        console.log(JSON.stringify(dynamicSecurity(Number(rest[0]), Number(rest[1])), null, 1));
    }
}

module.exports = { table, split, dynamicSecurity };
