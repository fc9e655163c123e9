# SPDX-License-Identifier: GPL-3.0-or-later
"""Publishes from Django, or from any Python program, with one XADD (Debian: python3-redis)."""
import json
import os

import redis

CONNECTION = redis.Redis.from_url(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"))


def notify(users, title, **more):
    entry = {"to": {"users": [str(user) for user in users]}, "title": title, **more}
    return CONNECTION.xadd("gatehouse:publish", {"json": json.dumps(entry)}, maxlen=100_000, approximate=True)


# In a view, or in transaction.on_commit():
#     notify([order.customer_id], "Order shipped", body="It arrives on Monday.", level="success", data={"order": order.pk})
