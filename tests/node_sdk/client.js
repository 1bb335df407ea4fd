/*
 * Copyright (c) 2026 The huaweicloud.iotda authors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sends requests by the official SDK for Node.js: each line of standard input is one, each line of standard output what
 * became of it, both as JSON. There is no package of the SDK for IoTDA, so the core's own client sends them. Its package
 * requires uuid without declaring it, hence the second entry in package.json.
 */
'use strict';

const readline = require('readline');
const { BasicCredentials, Region } = require('@huaweicloud/huaweicloud-sdk-core');
const { ClientBuilder } = require('@huaweicloud/huaweicloud-sdk-core/ClientBuilder');

// The SDK logs each refusal on standard output, which is for answers here.
const answer = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);

function clientOf({ endpoint, region, derived, ...identity }) {
  const credentials = new BasicCredentials(identity);
  const builder = new ClientBuilder((client) => client).withCredential(credentials);
  if (derived) {
    credentials.withDerivedPredicate((request) => BasicCredentials.getDefaultDerivedPredicate(request));
    builder.withDerivedAuthServiceName(derived);
  }
  // With a region, but without a project ID, the SDK looks the project up.
  return (region ? builder.withRegion(new Region(region, endpoint)) : builder.withEndpoint(endpoint)).build();
}

async function send({ identity, ...request }) {
  try {
    return await clientOf(identity).sendRequest({ pathParams: {}, headers: {}, contentType: 'application/json', ...request });
  } catch (error) {
    return { refused: error.httpStatusCode ?? null, errorCode: error.errorCode, message: String(error.message) };
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    answer(`${JSON.stringify(await send(JSON.parse(line)))}\n`);
  }
  process.exit(0);
}

main();
