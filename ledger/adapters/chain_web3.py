"""The chain through web3: reads of the registers, proofs, events, and the relay's transactions.

web3 takes over a second to import, so nothing but ``bootstrap`` imports this module, and only when it is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from eth_abi.exceptions import EncodingError
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_typing import BlockNumber
from web3 import HTTPProvider, Web3
from web3.contract import Contract
from web3.exceptions import (
    ContractCustomError,
    ContractLogicError,
    InvalidAddress,
    MismatchedABI,
    Web3Exception,
    Web3TypeError,
    Web3ValidationError,
    Web3ValueError,
)
from web3.types import BlockIdentifier, EventData, RPCEndpoint

import contracts
from ledger.errors import BY_SOLIDITY, Invalid, LedgerError, Refused, Unavailable
from ledger.formats import block_header
from ledger.formats.eip712 import Domain
from ledger.formats.secp256k1 import Address
from ledger.ports import Event, Receipt

_GAS_MARGIN = 1.25
_BAD_ARGUMENTS = (
    InvalidAddress, MismatchedABI, Web3TypeError, Web3ValidationError, Web3ValueError, EncodingError, TypeError, OverflowError,
)  # fmt: skip
_CALL_FAILED = "CommitteeCallFailed"


class Web3Chain:
    """Reads the registers at an EVM node's JSON-RPC URL."""

    def __init__(self, url: str, chain_id: int, genesis_hash: bytes, registers: Mapping[str, Address]) -> None:
        self.chain_id = chain_id
        self.genesis_hash = genesis_hash
        self.registers: Mapping[str, Address] = dict(registers)
        self._w3 = Web3(HTTPProvider(url, request_kwargs={"timeout": 30}))
        self._contracts = {name: self.contract(name, address) for name, address in registers.items()}
        self._errors = {
            bytes(Web3.keccak(text=_signature(entry))[:4]): entry
            for name in contracts.REGISTERS
            for entry in contracts.artifact(name)["abi"]
            if entry["type"] == "error"
        }

    def contract(self, name: str, address: str) -> Contract:
        """Return the web3 contract object of a register at an address."""
        built: Contract = self._w3.eth.contract(address=Web3.to_checksum_address(address), abi=contracts.artifact(name)["abi"])
        return built

    def domain(self, register: str) -> Domain:
        """Return the EIP-712 domain of a register."""
        return Domain(self.chain_id, self.genesis_hash, self.registers[register])

    def call(self, register: str, function: str, *args: Any, at: int | None = None) -> Any:
        """Return what a view function gives at a height."""
        block: BlockIdentifier = "latest" if at is None else BlockNumber(at)
        return self._guard(lambda: self._contracts[register].functions[function](*args).call(block_identifier=block))

    def head(self) -> tuple[int, int]:
        """Return height and timestamp of the latest block."""
        block = self._guard(lambda: self._w3.eth.get_block("latest"))
        return block["number"], block["timestamp"]

    def header(self, number: int) -> bytes:
        """Return the RLP of a block's header."""
        return block_header.encode(self._raw("eth_getBlockByNumber", hex(number), False))

    def proof(self, number: int, slots: Mapping[str, Sequence[bytes]]) -> dict[str, list[bytes]]:
        """Return for each register the trie nodes, each once, that prove its account and slots."""
        pools = {}
        for register, keys in slots.items():
            wanted = ["0x" + key.hex() for key in keys]
            reply = self._raw("eth_getProof", self.registers[register], wanted, hex(number))
            nodes = [*reply["accountProof"], *(node for entry in reply["storageProof"] for node in entry["proof"])]
            pools[register] = [bytes.fromhex(node[2:]) for node in dict.fromkeys(nodes)]
        return pools

    def events(self, after: int) -> list[Event]:
        """Return the registers' events above a height, in chain order."""
        found: list[tuple[str, EventData]] = []
        for name, contract in self._contracts.items():
            for entry in contracts.artifact(name)["abi"]:
                if entry["type"] == "event":
                    event = contract.events[entry["name"]]()
                    logs = self._guard(partial(event.get_logs, from_block=after + 1))
                    found.extend((name, log) for log in logs)
        found.sort(key=lambda item: (item[1]["blockNumber"], item[1]["logIndex"]))
        times: dict[int, int] = {}
        for _, log in found:
            number = log["blockNumber"]
            if number not in times:
                times[number] = self._guard(partial(self._w3.eth.get_block, number))["timestamp"]
        return [_event(name, log, times[log["blockNumber"]]) for name, log in found]

    def _raw(self, method: str, *params: Any) -> Any:
        reply = self._guard(lambda: self._w3.provider.make_request(RPCEndpoint(method), list(params)))
        if reply.get("result") is None:
            raise Unavailable("chain-unavailable", why=str(reply.get("error"))[:200])
        return reply["result"]

    def _guard(self, action: Callable[[], Any]) -> Any:
        try:
            return action()
        except ContractLogicError as error:
            raise self.refusal(error) from error
        except _BAD_ARGUMENTS as error:
            raise Invalid("request-invalid", field="/args", why=str(error)[:200]) from error
        except (OSError, Web3Exception) as error:
            raise Unavailable("chain-unavailable", why=str(error)[:200]) from error

    def refusal(self, error: ContractLogicError) -> LedgerError:
        """Turn a contract's revert into the failure of the same name, its values in ``details``."""
        data = error.data if isinstance(error, ContractCustomError) or isinstance(error.data, str) else None
        return self._decode(data) if isinstance(data, str) else Refused("reverted", why=str(error)[:200])

    def _decode(self, data: str) -> LedgerError:
        raw = bytes.fromhex(data.removeprefix("0x"))
        entry = self._errors.get(raw[:4])
        if entry is None:
            return Refused("reverted", data=data[:200])
        values = self._w3.codec.decode([_kind(field) for field in entry["inputs"]], raw[4:])
        if entry["name"] == _CALL_FAILED and values[1][:4] in self._errors:
            return self._decode(values[1].hex())
        named = zip((field["name"] for field in entry["inputs"]), values, strict=True)
        details = {name: _plain(value) for name, value in named}
        return Refused(BY_SOLIDITY[entry["name"]].code, **details)


class Web3Relay:
    """Pays (zero) gas for others' signed messages; every transaction goes through ``submit``.

    Args:
        chain: reads of the same chain.
        private_key: the relay's own key; it gives no right over any institution.
        submit: takes a raw signed transaction to the supervisor of the node and returns once it is in a block.
    """

    def __init__(self, chain: Web3Chain, private_key: bytes, submit: Callable[[str], None]) -> None:
        self._chain = chain
        self._account: LocalAccount = Account.from_key(private_key)
        self._submit = submit

    @property
    def address(self) -> Address:
        """The relay's own address."""
        return Address(self._account.address.lower())

    def send(self, register: str, function: str, args: Sequence[Any]) -> Receipt:
        """Submit a register call; a call that would revert is refused without a transaction."""
        contract, checked = self._chain._contracts[register], [_checksummed(arg) for arg in args]
        call = self._chain._guard(lambda: contract.functions[function](*checked))
        sender = self._account.address
        gas = self._chain._guard(lambda: call.estimate_gas({"from": sender}))
        return self._transact(call.build_transaction(self._base(int(gas * _GAS_MARGIN))))

    def deploy(self, name: str, *args: Any) -> tuple[Address, Receipt]:
        """Deploy a register and return its address."""
        w3 = self._chain._w3
        artifact = contracts.artifact(name)
        factory = w3.eth.contract(abi=artifact["abi"], bytecode=artifact["bytecode"])
        call = factory.constructor(*(_checksummed(arg) for arg in args))
        receipt = self._transact(call.build_transaction(self._base(30_000_000)))
        found = w3.eth.get_transaction_receipt(receipt.transaction)  # type: ignore[arg-type]
        return Address(str(found["contractAddress"]).lower()), receipt

    def _base(self, gas: int) -> dict[str, Any]:
        nonce = self._chain._w3.eth.get_transaction_count(self._account.address)
        return {
            "from": self._account.address, "nonce": nonce, "gas": gas, "chainId": self._chain.chain_id,
            "maxFeePerGas": 0, "maxPriorityFeePerGas": 0, "value": 0,
        }  # fmt: skip

    def _transact(self, transaction: Any) -> Receipt:
        signed = self._account.sign_transaction(transaction)
        self._submit("0x" + signed.raw_transaction.hex().removeprefix("0x"))
        w3 = self._chain._w3
        receipt = self._chain._guard(lambda: w3.eth.get_transaction_receipt(signed.hash))
        block = self._chain._guard(lambda: w3.eth.get_block(receipt["blockNumber"]))
        if receipt["status"] != 1:
            raise Refused("reverted", transaction=signed.hash.hex())
        return Receipt("0x" + signed.hash.hex().removeprefix("0x"), receipt["blockNumber"], block["timestamp"], receipt["gasUsed"])


def _event(register: str, log: EventData, timestamp: int) -> Event:
    args = {name: _plain(value) for name, value in log["args"].items()}
    transaction = "0x" + log["transactionHash"].hex().removeprefix("0x")
    return Event(log["blockNumber"], timestamp, transaction, log["logIndex"], register, log["event"], args)


def _checksummed(value: Any) -> Any:
    """Give every address in call arguments the mixed case that web3 insists on."""
    if isinstance(value, (list, tuple)):
        return [_checksummed(item) for item in value]
    if isinstance(value, str) and len(value) == 42 and Web3.is_address(value):
        return Web3.to_checksum_address(value)
    return value


def _plain(value: Any) -> Any:
    return "0x" + bytes(value).hex() if isinstance(value, bytes) else value


def _kind(field: Mapping[str, Any]) -> str:
    return str(field["type"])


def _signature(entry: Mapping[str, Any]) -> str:
    return f"{entry['name']}({','.join(_kind(field) for field in entry['inputs'])})"
