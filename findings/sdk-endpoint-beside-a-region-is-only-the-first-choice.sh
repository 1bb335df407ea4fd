#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surprise: a client of the SDK that is given an endpoint and a region sends requests, deletions among them, to the region's
#   own host as soon as the TLS handshake with the endpoint fails, or its name does not resolve; and stays there.
# Packages: huaweicloudsdkcore 3.1.219, huaweicloudsdkiotda 3.1.219 (trustme 1.2.1 makes the certificates).
# Expected: with_endpoint(instance).with_region(region): the endpoint of one's own instance, and the region for signing and
#   the project. A certificate that is not trusted is an error, as with an endpoint alone.
# Seen: both are put into one list, the endpoint first. After SslHandShakeException the DELETE goes to the region's host,
#   which succeeds; so do all later requests of this client, even after the instance's certificate was renewed. The shared
#   host of a region serves other instances of the project. (huaweicloudsdkcore/client.py, build and do_http_request)
# Date: 2026-11-29.
# For users of this collection: nothing to do; it knows one address, and reports what fails there. With the SDK, put the
#   instance's address into the region, with_region(Region("cn-north-4", instance)), and leave with_endpoint out.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME="$work"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check huaweicloudsdkcore==3.1.219 huaweicloudsdkiotda==3.1.219 \
  trustme==1.2.1
venv/bin/pip list --disable-pip-version-check 2>/dev/null | grep huaweicloudsdk
cat >server.py <<'PY'
import http.server
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.seen.append(self)
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_GET = do_POST = do_DELETE = answer

    def log_message(self, *_):
        pass


def serve(status=200, context=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.seen, server.status = [], status
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
PY
cat >endpoints.py <<'PY'
import os
import ssl

import trustme
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import SdkException
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkiotda.v5 import DeleteBatchTaskRequest, IoTDAClient
from huaweicloudsdkiotda.v5.region.iotda_region import IoTDARegion
from server import serve

authority, other = trustme.CA(), trustme.CA()
authority.cert_pem.write_to_path("ca.pem")


def serve_tls(issuer):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issuer.issue_cert("127.0.0.1").configure_cert(context)
    return serve(context=context), context


def address(server):
    return "https://127.0.0.1:%d" % server.server_address[1]


(instance, instance_tls), (shared, _) = serve_tls(other), serve_tls(authority)  # the instance's is not trusted
os.environ["HUAWEICLOUD_SDK_REGION_IOTDA_CN_NORTH_4"] = address(shared)  # in place of the public host


def builder():
    return (
        IoTDAClient.new_builder()
        .with_http_config(HttpConfig(ssl_ca_cert="ca.pem"))
        .with_credentials(BasicCredentials("key", "secret", "0" * 32))
        .with_endpoint(address(instance))
    )


def delete(title, client):
    try:
        result = client.delete_batch_task(DeleteBatchTaskRequest(task_id="c" * 24)).status_code
    except SdkException as error:
        result = type(error).__name__
    print(f"{title}: {result}; requests to the instance: {len(instance.seen)}, to the shared host: {len(shared.seen)}")


delete("endpoint alone", builder().build())
both = builder().with_region(IoTDARegion.value_of("cn-north-4")).build()
delete("endpoint and region", both)
authority.issue_cert("127.0.0.1").configure_cert(instance_tls)  # now it is trusted
delete("the same client, certificate renewed", both)
PY
venv/bin/python -W ignore endpoints.py 2>/dev/null | tee seen.txt

diff seen.txt - <<'TXT'
endpoint alone: SslHandShakeException; requests to the instance: 0, to the shared host: 0
endpoint and region: 200; requests to the instance: 0, to the shared host: 1
the same client, certificate renewed: 200; requests to the instance: 0, to the shared host: 2
TXT
echo "As described: the endpoint is only the first choice beside a region."
