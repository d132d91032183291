"""Which mailbox an address reaches, however it is written, and whether it is one for throwing away."""

import unicodedata

import idna
from disposable_email_domains import blocklist

GOOGLE = {"gmail.com", "googlemail.com"}
# Where anybody may have a mailbox: two people there are not of one firm.
FREE = GOOGLE | {
    *("126.com", "163.com", "aol.com", "gmx.com", "gmx.de", "gmx.net", "hotmail.com", "icloud.com", "live.com", "mac.com"),
    *("mail.com", "mail.ru", "me.com", "msn.com", "outlook.com", "pm.me", "proton.me", "protonmail.com", "qq.com", "web.de"),
    *("yahoo.co.jp", "yahoo.co.uk", "yahoo.com", "yandex.com", "yandex.ru", "zoho.com"),
}


def mailbox_key(address: str) -> str:
    """One text for all the ways to write the address of a mailbox: no capitals, no +tag, an international domain in its ASCII
    form, and for Google's mailboxes no dots and one domain. For comparing and counting, never for writing to."""
    local, _, domain = unicodedata.normalize("NFKC", address).strip().lower().rpartition("@")
    domain = ascii_domain(domain)
    local = local.partition("+")[0] or local
    if domain in GOOGLE:
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def firm_domain(address: str) -> str:
    """The domain that tells the firm, or nothing where anybody may have a mailbox."""
    domain = ascii_domain(address.rpartition("@")[2])
    return "" if domain in FREE or is_disposable(address) else domain


def is_disposable(address: str) -> bool:
    """Whether its domain, or one above it, is on the list of services for throw-away mailboxes."""
    labels = ascii_domain(address.rpartition("@")[2]).split(".")
    return any(".".join(labels[start:]) in blocklist for start in range(len(labels) - 1))


def ascii_domain(domain: str) -> str:
    """The domain as name servers know it; one that cannot be is kept in small letters."""
    plain = domain.strip().rstrip(".").lower()
    try:
        return idna.encode(plain, uts46=True).decode()
    except idna.IDNAError:
        return plain
