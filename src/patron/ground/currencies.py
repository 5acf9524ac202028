"""Currencies: the codes of ISO 4217, those in use and those of older data, and the one that says 'none'."""

from __future__ import annotations

import re
from difflib import get_close_matches

from patron.ground.errors import InputError

NO_CURRENCY = "XXX"
"""ISO 4217 for amounts without a currency: for tables, never for people."""

SYMBOLS = {
    "GBP": "£",
    "EUR": "€",
    "USD": "$",
    "CNY": "¥",
    "JPY": "¥",
    "INR": "₹",
    "KRW": "₩",
    "HKD": "HK$",
    "TWD": "NT$",
    "BRL": "R$",
    "AUD": "A$",
    "CAD": "C$",
}
"""What people write before an amount; other codes are written out."""

_LISTED = """
AED AFN ALL AMD ANG AOA ARS ATS AUD AWG AZN BAM BBD BDT BEF BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BYR
BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CYP CZK DEM DJF DKK DOP DZD EEK EGP ERN ESP ETB EUR
FIM FJD FKP FRF GBP GEL GHS GIP GMD GNF GRD GTQ GYD HKD HNL HRK HTG HUF IDR IEP ILS INR IQD IRR ISK ITL JMD JOD
JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LTL LUF LVL LYD MAD MDL MGA MKD MMK MNT MOP MRO MRU
MTL MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NLG NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PTE PYG QAR ROL RON RSD
RUB RUR RWF SAR SBD SCR SDG SEK SGD SHP SIT SKK SLE SLL SOS SRD SSP STD STN SVC SYP SZL THB TJS TMT TND TOP TRL
TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VEB VED VEF VES VND VUV WST XAF XAG XAU XCD XCG XDR XOF XPD XPF
XPT XSU XTS XUA XXX YER YUM ZAR ZMK ZMW ZWG ZWL
"""
CODES = frozenset(_LISTED.split())
_SPOKEN = {
    "$": "USD", "DOLLAR": "USD", "US$": "USD", "€": "EUR", "EUROS": "EUR", "£": "GBP", "POUND": "GBP", "STG": "GBP",
    "¥": "CNY", "RMB": "CNY", "YUAN": "CNY", "元": "CNY", "人民币": "CNY", "YEN": "JPY", "日元": "JPY", "美元": "USD",
    "欧元": "EUR", "RUPEE": "INR", "FRANC": "CHF", "REAL": "BRL", "UKP": "GBP",
}  # fmt: skip


def currency(code: str) -> str:
    """Return a currency's code in capitals.

    Raises:
        InputError: it is no code of ISO 4217; the likely one is named.

    >>> currency("eur"), currency("")
    ('EUR', '')
    """
    found = code.strip().upper()
    if not found or found in CODES:
        return found
    near = [_SPOKEN[found]] if found in _SPOKEN else get_close_matches(found, sorted(CODES), n=1, cutoff=0.66)
    guess = f" Did you mean '{near[0]}'?" if near and (found in _SPOKEN or _is_like(found, near[0])) else ""
    raise InputError(
        f"{code!r} is not a currency code.{guess}\nUse the three letters of ISO 4217, such as EUR, USD, GBP or CNY."
    )


def _is_like(said: str, code: str) -> bool:
    return bool(re.match(f"{code[:2]}", said))
