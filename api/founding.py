"""Founds a network: members with keys of their own, the registers, the first decision, the trust file.

Every founder's part uses that founder's folder and keys only; the operator's folder gets a relay key that has no right
over any institution.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import rlp
from eth_utils.address import to_checksum_address
from sqlmodel import Session

from api.delivery import write_whole
from api.operator import OperatorState
from hardhat_network.anvil import Genesis
from hardhat_network.node import ChainNode
from ledger import bootstrap
from ledger.adapters.keys_file import FileKeys
from ledger.bootstrap import NETWORK_FORMAT, Member
from ledger.errors import Refused
from ledger.formats import did, jcs, schemas, trust_file
from ledger.formats.keccak import keccak256
from ledger.formats.secp256k1 import Address
from ledger.governance import service as governance
from ledger.governance.model import Choice, Sector
from ledger.governance.tables import ProposalText
from ledger.institutions.model import Kind, Purpose, algorithm_of, institution_id, profile
from ledger.institutions.tables import Account
from ledger.settings import Settings

KEY_PURPOSES = {
    "assert-1": Purpose.ASSERT,
    "registrar": Purpose.REGISTER,
    "approver": Purpose.APPROVE,
    "vote": Purpose.VOTE,
    "witness": Purpose.WITNESS,
    "custody": Purpose.CUSTODY,
}
ACCREDITATION_YEARS = 3
DEVELOPMENT_BASE_URL = "https://bank.example"


@dataclass(frozen=True, slots=True)
class Founder:
    """One founding member."""

    slug: str
    kind: Kind
    sector: Sector
    zh: str
    en: str
    url: str
    country: str = "CN"


@dataclass(frozen=True, slots=True)
class Founded:
    """What founding a network took."""

    transactions: int


def found(
    home: Path,
    founders: Sequence[Founder],
    quorum: int,
    settings: Settings,
    tell: Callable[[str], None] = lambda _: None,
) -> Founded:
    """Make a network in an empty folder.

    Raises:
        Refused: ``network-exists``, or what a contract refused.
    """
    if (home / "network.json").exists():
        raise Refused("network-exists", home=str(home))
    base_url = settings.base_url
    if base_url is None:
        base_url = DEVELOPMENT_BASE_URL
        settings.embedded_default(f"public base URL {base_url}")
    now = bootstrap.clock(settings).now()
    genesis = Genesis(chain_id=secrets.randbelow((1 << 31) - 1_000_000) + 1_000_000, timestamp=int(now.timestamp()))
    home.mkdir(parents=True, exist_ok=True)
    keys = {founder.slug: _make_member(home, founder, base_url, settings) for founder in founders}
    tell("members")
    institutions = {founder.slug: _entry(founder, base_url) for founder in founders}
    relay_key = os.urandom(32)
    operator = home / "operator"
    operator.mkdir(exist_ok=True)
    _write_secret(operator / "relay.key", relay_key.hex())
    deployed = _deploy(operator, genesis, relay_key, founders, keys, institutions, quorum, now)
    network = {
        "format": NETWORK_FORMAT,
        "base_url": base_url,
        "genesis": genesis.to_dict(),
        "genesis_hash": deployed.genesis_hash,
        "registers": deployed.registers,
        "institutions": institutions,
    }
    write_whole(home / "network.json", json.dumps(network, ensure_ascii=False, indent=1).encode("utf-8"))
    tell("registers")
    write_whole(home / "trust.json", _trust(network, founders, keys, now))
    transactions = len(deployed.registers) + _first_decision(home, founders, settings)
    tell("decision")
    return Founded(transactions)


def accreditation_calls(chain: Any, institutions: Sequence[bytes], schema: bytes, start: int, until: int) -> list[list[str]]:
    """Return the calls that accredit institutions for a schema, in the JSON form of a proposal."""
    registry = chain.contract("InstitutionRegistry", chain.registers["InstitutionRegistry"])
    return [
        [chain.registers["InstitutionRegistry"], registry.encode_abi("accredit", [institution, schema, start, until])]
        for institution in institutions
    ]


@dataclass(frozen=True, slots=True)
class _Deployed:
    genesis_hash: str
    registers: dict[str, Address]


def _make_member(home: Path, founder: Founder, base_url: str, settings: Settings) -> FileKeys:
    folder = home / "members" / founder.slug
    folder.mkdir(parents=True)
    passphrase = settings.passphrase
    if passphrase is None:
        settings.embedded_default("passphrase beside the key store")
        passphrase = secrets.token_hex(16)
        _write_secret(folder / "passphrase", passphrase)
    names = [name for name, purpose in KEY_PURPOSES.items() if purpose is not Purpose.ASSERT]
    keys = FileKeys.create(folder / "keys", passphrase, ["assert-1"], names)
    identity = {"slug": founder.slug, "did": did.web_did(base_url, "institutions", founder.slug), "kind": founder.kind.name.lower()}
    write_whole(folder / "member.json", json.dumps(identity, indent=1).encode("utf-8"))
    engine = bootstrap.open_database(folder / "ledger.sqlite")
    with Session(engine) as session:
        session.add(Account(name="registrar", role="register", key="registrar"))
        session.add(Account(name="approver", role="approve", key="approver"))
        session.commit()
    engine.dispose()
    return keys


def _entry(founder: Founder, base_url: str) -> dict[str, Any]:
    identifier = did.web_did(base_url, "institutions", founder.slug)
    names = {"zh": founder.zh, "en": founder.en}
    return {
        "did": identifier,
        "institution": institution_id(identifier).hex(),
        "sector": founder.sector.name.lower(),
        "profile": profile(identifier, founder.kind, names, founder.country, founder.url),
    }


def _deploy(
    operator: Path,
    genesis: Genesis,
    relay_key: bytes,
    founders: Sequence[Founder],
    keys: Mapping[str, FileKeys],
    institutions: Mapping[str, Mapping[str, Any]],
    quorum: int,
    now: datetime,
) -> _Deployed:
    from ledger.adapters.chain_web3 import Web3Chain, Web3Relay

    node = ChainNode(operator / "chain", genesis)
    try:
        genesis_hash = bytes.fromhex(node.genesis_hash[2:])
        chain = Web3Chain(node.url, genesis.chain_id, genesis_hash, {})
        relay = Web3Relay(chain, relay_key, lambda raw: _submit(node, raw, now))
        committee = _create_address(relay.address, 1)
        inits = [
            (
                bytes.fromhex(str(institutions[founder.slug]["institution"])),
                int(founder.kind),
                jcs.digest(institutions[founder.slug]["profile"]),
                [
                    (int(purpose), int(algorithm_of(purpose)), keys[founder.slug].public(name))
                    for name, purpose in KEY_PURPOSES.items()
                ],
            )
            for founder in founders
        ]
        members = [(init[0], int(founder.sector)) for init, founder in zip(inits, founders, strict=True)]
        registry, _ = relay.deploy("InstitutionRegistry", committee, genesis_hash, inits)
        built, _ = relay.deploy("Committee", registry, genesis_hash, quorum, members)
        credentials, _ = relay.deploy("CredentialRegistry", registry, genesis_hash)
        if built != committee:
            raise Refused("chain-forked", what="committee address", expected=committee, got=built)
        registers = {"InstitutionRegistry": registry, "Committee": built, "CredentialRegistry": credentials}
        return _Deployed(node.genesis_hash, registers)
    finally:
        node.close()


def _trust(network: Mapping[str, Any], founders: Sequence[Founder], keys: Mapping[str, FileKeys], now: datetime) -> bytes:
    """Return the trust file, signed by every founder's witness key over the same body."""
    addresses = {founder.slug: "0x" + keys[founder.slug].public("witness")[12:].hex() for founder in founders}
    body: dict[str, Any] = {
        "format": trust_file.FORMAT,
        "chain_id": network["genesis"]["chain_id"],
        "genesis_hash": network["genesis_hash"][2:],
        "registers": network["registers"],
        "storage_layout": bootstrap.storage_layout(),
        "witnesses": [{"institution": slug, "key": address} for slug, address in sorted(addresses.items())],
        "quorum": trust_file.quorum_of(len(addresses)),
        "published_at": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    digest = trust_file.signing_digest(body)
    body["signatures"] = [
        {"institution": slug, "key": address, "signature": keys[slug].sign_digest("witness", digest).hex()}
        for slug, address in sorted(addresses.items())
    ]
    data = jcs.dumps(body)
    trust_file.parse(data)
    return data


def _first_decision(home: Path, founders: Sequence[Founder], settings: Settings) -> int:
    """Have the committee accredit the colleges and enter the registers in its directory; return the transactions."""
    operator = OperatorState(home, settings)
    try:
        network, chain = operator.network, operator.chain
        now = operator.clock.now()
        colleges = [bytes.fromhex(network.institutions[f.slug]["institution"]) for f in founders if f.kind is Kind.COLLEGE]
        start = int(now.timestamp())
        until = int((now + timedelta(days=365 * ACCREDITATION_YEARS)).timestamp())
        calls = accreditation_calls(chain, colleges, schemas.digest(schemas.MICRO_CREDENTIAL), start, until)
        committee = chain.contract("Committee", network.registers["Committee"])
        for name, address in sorted(network.registers.items()):
            data = committee.encode_abi("adoptRegister", [name.encode().ljust(32, b"\0"), to_checksum_address(address)])
            calls.append([network.registers["Committee"], data])
        opened = [bootstrap.open_member(network, founder.slug, settings) for founder in founders]
        transactions = _decide(operator, opened, calls, now)
        for member in opened:
            member.close()
        return transactions
    finally:
        operator.close()


def _decide(operator: OperatorState, members: Sequence[Member], calls: list[list[str]], now: datetime) -> int:
    domain = operator.chain.domain("Committee")
    first = members[0]
    proposal, arguments = governance.propose(first.keys, domain, first.institution, calls, now)
    operator.relay.send("Committee", "propose", arguments)
    with Session(operator.engine) as session:
        session.add(ProposalText(id=proposal, title_zh="首次授权", title_en="First accreditations", calls=calls))
        session.commit()
    transactions = 1
    for member in members:
        if operator.chain.call("Committee", "tallyOf", bytes.fromhex(proposal))[0] != 1:
            break
        arguments = governance.vote(member.keys, domain, proposal, member.institution, Choice.YES)
        operator.relay.send("Committee", "castVote", arguments)
        transactions += 1
    operator.relay.send("Committee", "execute", ["0x" + proposal, calls])
    return transactions + 1


def _submit(node: ChainNode, raw: str, now: datetime) -> None:
    node.submit(raw, int(now.timestamp()))


def _create_address(sender: Address, nonce: int) -> Address:
    number = nonce.to_bytes((nonce.bit_length() + 7) // 8, "big")
    return Address("0x" + keccak256(rlp.encode([bytes.fromhex(sender[2:]), number]))[12:].hex())


def _write_secret(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
