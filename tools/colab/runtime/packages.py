"""Print what is installed beside this Python: name to what pip would be asked for it."""

import json
import sys
import sysconfig
from importlib.metadata import Distribution, distributions


def asked_for(each: Distribution) -> str:
    origin = json.loads(each.read_text("direct_url.json") or "{}")
    if not origin:
        return f"{each.name}=={each.version}"
    vcs = origin.get("vcs_info")
    url = f"{vcs['vcs']}+{origin['url']}@{vcs['commit_id']}" if vcs else origin["url"]
    return f"{each.name} @ {url}"


here = distributions(path=[sysconfig.get_path("purelib")])
json.dump({each.name.lower(): asked_for(each) for each in here}, sys.stdout)
