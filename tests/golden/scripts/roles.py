"""Which columns of the logs in ../features play which roles, for the scripts that compute features of them."""

# The logs edges.csv and web.csv.
WEB = {"entity": "user", "time": "time", "action": "action"}
OFFICE = {"entity": "user_id", "time": "timestamp", "action": "action"}
LOGINS = {"entity": "username", "time": "datetime", "address": "source_ip", "outcome": "success"}
RISK_BASED = {
    "entity": "User ID",
    "time": "Login Timestamp",
    "address": "IP Address",
    "country": "Country",
    "browser": "Browser Name and Version",
    "device": "Device Type",
    "outcome": "Login Successful",
}


def without(roles: dict, *left_out: str) -> dict:
    return {role: column for role, column in roles.items() if role not in left_out}
