#!/usr/bin/env bash
# Copyright (c) 2026 The huaweicloud.iotda authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Surprise: "awx job_templates launch ID --monitor" does not print all of the job's output. What is missing is the end: the
#   task that failed, the recap.
# Package: awxkit 24.6.1.
# Expected: the output of the job, late perhaps, but to its last line.
# Seen: of 200 lines of a job that has ended, 50 are printed, then "End of Standard Out Stream". Each look at the job asks
#   for one page of events, 25 by AWX's default, follows no link to the next one, and is the last but one as soon as the
#   job has ended; between two looks are 5 seconds. So whatever a job prints faster than 5 lines a second is lost.
#   (awxkit/cli/stdout.py, monitor)
# Date: 2026-11-29.
# For users of this collection: read the output afterwards, with "awx jobs stdout JOB_ID" or on the page of the job.
set -euo pipefail

work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
export HOME="$work"

python3 -m venv venv
# setuptools: awxkit needs pkg_resources, which later versions do not have.
venv/bin/pip install --quiet --disable-pip-version-check awxkit==24.6.1 setuptools==80.9.0
venv/bin/pip list --disable-pip-version-check 2>/dev/null | grep '^awxkit '

# An AWX as awxkit meets it: one job template, one job.
cat >awx.py <<'PY'
import http.server
import json
import sys
from urllib.parse import parse_qs, urlsplit

STATUS, LINES = sys.argv[1], int(sys.argv[2])
PAGE = 25  # what AWX sends if no page_size is asked for
JOB = "/api/v2/jobs/9/"
TEMPLATE = {"id": 7, "type": "job_template", "name": "nightly", "url": "/api/v2/job_templates/7/"}
TEMPLATE["related"] = {"launch": TEMPLATE["url"] + "launch/"}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        parts = urlsplit(self.path)
        with open("requests.txt", "a") as log:
            print(self.command, self.path, body, file=log)
        content = json.dumps(self.content(parts.path, parse_qs(parts.query))).encode()
        self.send_response(201 if self.command == "POST" else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def content(self, path, query):
        if path == "/api/":
            return {"available_versions": {"v2": "/api/v2/"}, "current_version": "/api/v2/"}
        if path == "/api/v2/":
            return {"job_templates": "/api/v2/job_templates/", "jobs": "/api/v2/jobs/"}
        if self.command == "OPTIONS":
            fields = {"extra_vars": {"type": "json"}, "limit": {"type": "string"}}
            return {"actions": {"GET": {}, "POST": fields if path.endswith("/launch/") else {}}}
        if path == TEMPLATE["url"]:
            return TEMPLATE
        if path.endswith("/job_events/"):
            first = int(query.get("start_line__gte", ["0"])[0])
            numbers = range(first, LINES)
            events = [
                {"id": n, "type": "job_event", "url": f"/api/v2/job_events/{n}/", "start_line": n, "end_line": n + 1,
                 "stdout": f"line {n + 1}"}
                for n in numbers
            ]
            more = "/api/v2/jobs/9/job_events/?page=2" if len(events) > PAGE else None
            return {"count": len(events), "next": more, "previous": None, "results": events[:PAGE]}
        ended = STATUS != "running"
        return {"id": 9, "type": "job", "url": JOB, "name": "nightly", "status": STATUS,
                "finished": "2026-11-29T00:00:00Z" if ended else None, "event_processing_finished": ended,
                "related": {"job_events": JOB + "job_events/"}}

    do_GET = do_POST = do_OPTIONS = answer

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
PY
launch() { # status of the job, lines of its output, arguments: prints the exit status
  local status=$1 lines=$2 code=0 server
  shift 2
  : >requests.txt
  : >port.txt
  python3 awx.py "$status" "$lines" >port.txt &
  server=$!
  until [ -s port.txt ]; do sleep 0.1; done
  PYTHONWARNINGS=ignore venv/bin/awx --conf.host "http://127.0.0.1:$(cat port.txt)" --conf.token token \
    job_templates launch 7 "$@" >out.txt 2>err.txt || code=$?
  kill "$server"
  wait "$server" 2>/dev/null || true
  echo "$code"
}

echo "exit status $(launch failed 200 --monitor --conf.color false)"
grep -c '^line ' out.txt | sed 's/$/ of 200 lines are printed/' | tee seen.txt
grep -A1 '^line 50$' out.txt | tee -a seen.txt
grep -o 'GET .*job_events/.*' requests.txt | tee -a seen.txt

diff <(sed 's/ $//' seen.txt) - <<'TXT'
50 of 200 lines are printed
line 50
------End of Standard Out Stream--------
GET /api/v2/jobs/9/job_events/?order_by=start_line&no_truncate=True
GET /api/v2/jobs/9/job_events/?order_by=start_line&no_truncate=True&start_line__gte=25
TXT
echo "As described: awx --monitor leaves out the end of the output."
