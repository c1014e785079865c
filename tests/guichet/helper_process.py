"""A small HTTP server that the supervisor's tests start, and that misbehaves as its options say."""

import argparse
import signal
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("port", type=int)
    parser.add_argument("--lives", type=Path, help="file that gets a line at each start")
    parser.add_argument("--die-until", type=int, default=0, help="exit 3 at the first N starts")
    parser.add_argument("--deaf", action="store_true", help="ignore SIGTERM")
    parser.add_argument("--grandchild", type=Path, help="start a child that outlives us; its pid goes there")
    parser.add_argument("--status", type=int, default=200)
    parser.add_argument("--read", action="store_true", help="print what standard input holds")
    options = parser.parse_args()

    print(f"hello from {options.port}", flush=True)
    if options.read:
        print(f"given: {sys.stdin.read()}", flush=True)
    if options.lives:
        with options.lives.open("a") as lives:
            lives.write(f"x {options.name}\n")
        if len(options.lives.read_text().splitlines()) <= options.die_until:
            print("dying", flush=True)
            raise SystemExit(3)
    if options.deaf:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if options.grandchild:
        sleeper = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
        child = subprocess.Popen([sys.executable, "-c", sleeper])
        options.grandchild.write_text(str(child.pid))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(options.status)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    HTTPServer(("127.0.0.1", options.port), Handler).serve_forever()


main()
