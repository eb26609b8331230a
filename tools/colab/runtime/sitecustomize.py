"""Makes a Python look like Colab's: tools/colab.py puts this folder on its path.

`google.colab` stands in `sys.modules`, which is all that a chapter asks of it; `google` itself
is left to the packages that share the name, such as protobuf. The network is the repository's
address, answered from a clone: where a chapter reads a record by its address, the record is the
one committed here.
"""

import io
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from email.message import Message
from types import ModuleType
from urllib.response import addinfourl

REPOSITORY, CLONE = os.environ["COLAB_REPOSITORY"], os.environ["COLAB_CLONE"]
FILES = f"{REPOSITORY}/raw/main/"
FOLDERS = f"{REPOSITORY.replace('github.com', 'api.github.com/repos')}/contents/"


class FromTheClone(urllib.request.HTTPSHandler):
    """Answers what is asked of the repository, and refuses what is asked of any other place."""

    def https_open(self, request):
        url = request.full_url
        if url.startswith(FILES):
            body = committed("show", url, f"HEAD:{url.removeprefix(FILES)}")
        elif url.startswith(FOLDERS):
            folder = url.removeprefix(FOLDERS)
            names = committed("ls-tree", url, "--name-only", f"HEAD:{folder}").decode().split()
            entries = [{"name": n, "download_url": f"{FILES}{folder}/{n}"} for n in names]
            body = json.dumps(entries).encode()
        else:
            raise urllib.error.URLError(f"the rehearsal has no network, only {REPOSITORY}")
        reply = addinfourl(io.BytesIO(body), Message(), url, 200)
        reply.msg = "OK"
        return reply


def committed(command, url, *arguments):
    done = subprocess.run(["git", "-C", CLONE, command, *arguments], capture_output=True)
    if done.returncode:
        raise urllib.error.HTTPError(url, 404, "not committed", Message(), None)
    return done.stdout


sys.modules["google.colab"] = ModuleType("google.colab")
urllib.request.install_opener(urllib.request.build_opener(FromTheClone))
