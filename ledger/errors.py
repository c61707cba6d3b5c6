"""The one tree of errors, and the one table that names every failure from contract to page text.

::

    LedgerError
    ├── Refused       a rule said no (carries the rule's code)
    ├── Unverified    a proof failed (carries what shows it)
    ├── Unavailable   a neighbour is down (carries ``retry_after`` in seconds)
    └── Invalid       the input is wrong (names sheet and cell, field or JSON pointer)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar


class LedgerError(Exception):
    """A failure with a stable code from ``FAILURES`` and the values that explain it.

    Raises:
        KeyError: the code is not in the table (a programming error, caught by the totality test).
    """

    family: ClassVar[str] = "ledger"

    def __init__(self, code: str, **details: Any) -> None:
        self.failure = FAILURES[code]
        self.code = code
        self.details = details
        super().__init__(self.diagnostics())

    def diagnostics(self) -> str:
        """Say in one English line what failed and with which values."""
        values = ", ".join(f"{name}={value}" for name, value in self.details.items())
        return f"{self.code}: {self.failure.en}" + (f" ({values})" if values else "")


class Refused(LedgerError):
    """A rule said no."""

    family = "refused"


class Unverified(LedgerError):
    """A proof failed."""

    family = "unverified"


class Invalid(LedgerError):
    """The input is malformed."""

    family = "invalid"


class Unavailable(LedgerError):
    """A neighbour is down; nothing accepted is lost, try again after ``retry_after`` seconds."""

    family = "unavailable"

    def __init__(self, code: str, *, retry_after: int = 5, **details: Any) -> None:
        super().__init__(code, **details)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure: its problem type, HTTP status, texts, and the contract error it stands for."""

    code: str
    status: int
    zh: str
    en: str
    solidity: str | None = None


_TABLE = (
    # contracts: messages
    Failure("message-expired", 409, "消息已过截止时间", "The message came after its deadline.", "MessageExpired"),
    Failure("nonce-used", 409, "该消息编号已使用过", "The message's nonce was used before.", "MessageNonceUsed"),
    Failure("signature-malformed", 422, "签名格式不正确", "The signature is malformed.", "ECDSAInvalidSignature"),
    Failure("signature-length", 422, "签名长度不正确", "The signature has a wrong length.", "ECDSAInvalidSignatureLength"),
    Failure(
        "signature-malleable", 422, "签名的 s 值不规范", "The signature's s value is not the low one.", "ECDSAInvalidSignatureS"
    ),
    # contracts: institutions
    Failure("not-committee", 403, "只有联合委员会可以这样做", "Only the committee may do this.", "InstitutionsNotCommittee"),
    Failure("institution-unknown", 404, "机构未登记", "The institution is not registered.", "InstitutionsUnknown"),
    Failure("institution-registered", 409, "机构已登记", "The institution is registered already.", "InstitutionsAlreadyRegistered"),
    Failure("institution-suspended", 403, "机构已被暂停", "The institution is suspended.", "InstitutionsSuspended"),
    Failure("institution-not-suspended", 409, "机构未被暂停", "The institution is not suspended.", "InstitutionsNotSuspended"),
    Failure("key-not-live", 403, "签名所用密钥此刻无效", "The signing key is not live for this purpose.", "InstitutionsKeyNotLive"),
    Failure("key-in-use", 409, "该密钥已登记过", "The key is registered already.", "InstitutionsKeyInUse"),
    Failure(
        "key-invalid",
        422,
        "密钥的用途、算法或日期不成立",
        "The key's purpose, algorithm or dates contradict each other.",
        "InstitutionsKeyInvalid",
    ),
    Failure(
        "not-accredited",
        403,
        "机构此刻无权颁发此类证书",
        "The institution is not accredited for this schema now.",
        "InstitutionsNotAccredited",
    ),
    Failure(
        "period-invalid",
        422,
        "授权期限不成立或与前期重叠",
        "The accreditation period is invalid or overlaps the last one.",
        "InstitutionsPeriodInvalid",
    ),
    # contracts: credentials
    Failure("already-anchored", 409, "该批次已上链", "The batch is anchored already.", "CredentialsAlreadyAnchored"),
    Failure("empty-batch", 422, "批次为空", "The batch is empty.", "CredentialsEmptyBatch"),
    Failure(
        "custodian-not-independent",
        403,
        "保管方须为两家不同的其他机构",
        "Custodians must be two members other than the issuer.",
        "CredentialsCustodianNotIndependent",
    ),
    Failure(
        "status-version", 409, "状态列表版本号不连续", "The status list's version is not the next one.", "CredentialsStatusVersion"
    ),
    # contracts: committee
    Failure("only-self", 403, "只有委员会决议可以这样做", "Only a decision of the committee may do this.", "CommitteeOnlySelf"),
    Failure("not-member", 403, "不是委员会成员", "The institution is no committee member.", "CommitteeNotMember"),
    Failure("already-member", 409, "已是委员会成员", "The institution is a committee member already.", "CommitteeAlreadyMember"),
    Failure("already-voted", 409, "已投过票", "The member has voted already.", "CommitteeAlreadyVoted"),
    Failure("no-choice", 422, "选票没有选项", "The vote names no choice.", "CommitteeNoChoice"),
    Failure(
        "proposal-state", 409, "提案所处状态不允许此操作", "The proposal is not in the state for this.", "CommitteeProposalState"
    ),
    Failure("vote-closed", 409, "投票已截止", "The vote is closed.", "CommitteeClosed"),
    Failure("calls-mismatch", 409, "执行内容与提案不符", "The calls are not those of the proposal.", "CommitteeCallsMismatch"),
    Failure(
        "quorum-invalid", 422, "法定人数或界别不成立", "The quorum is no majority, or a sector is empty.", "CommitteeQuorumInvalid"
    ),
    Failure("call-failed", 409, "决议中的一项执行失败", "A call of the decision failed.", "CommitteeCallFailed"),
    Failure("reverted", 409, "合约拒绝了该交易", "The contract refused the transaction."),
    # chain
    Failure(
        "chain-forked",
        409,
        "链的历史与已存历史不同，已拒绝服务",
        "The chain's history differs from the stored one; service is refused.",
    ),
    Failure("chain-unavailable", 503, "链节点暂不可用", "The chain node is not reachable."),
    Failure("chain-locked", 503, "链日志正被另一进程使用", "Another process holds the chain's journal."),
    Failure("clock-ahead", 409, "区块时间超前于见证方时钟", "The block is ahead of the witness's clock."),
    Failure("not-final", 503, "尚未取得足够的见证签名", "Too few witnesses have signed yet."),
    Failure("operator-unavailable", 503, "运营方服务暂不可达", "The operator's service is not reachable."),
    # formats
    Failure("json-malformed", 422, "不是合法的 JSON", "The text is not well-formed JSON."),
    Failure("json-not-canonical", 422, "不是规范形式（JCS）的 JSON", "The bytes are not the canonical (JCS) form."),
    Failure("context-unknown", 422, "引用了未收录的 JSON-LD 上下文", "A JSON-LD context is not in the packaged set."),
    Failure("term-dropped", 422, "含有上下文未定义的词项", "A term is not defined by the contexts and would be dropped."),
    Failure("graph-too-hard", 422, "数据图超出工作量上限", "The graph exceeds the work limit."),
    Failure("shape-differs", 422, "证书与模板形状不同", "The credential's shape differs from its template's."),
    Failure("multibase-malformed", 422, "编码格式不正确", "The multibase or base64url text is malformed."),
    Failure("did-malformed", 422, "DID 格式不正确", "The DID is malformed."),
    Failure("credential-malformed", 400, "证书或展示的结构不正确", "The credential or presentation is malformed."),
    Failure("proof-malformed", 422, "证书的签名结构不正确", "The proof is malformed."),
    Failure("proof-invalid", 422, "证书签名无效", "The proof's signature does not verify."),
    Failure("status-list-malformed", 422, "状态列表格式不正确", "The status list is malformed."),
    Failure("not-anchored", 422, "链上没有这一批次", "The batch is not anchored on chain as the file says."),
    Failure("checkpoint-invalid", 422, "见证签名不足或不成立", "Too few valid witness signatures for this chain."),
    Failure("merkle-invalid", 422, "默克尔路径不成立", "The Merkle path does not lead to the root."),
    Failure("state-proof-invalid", 422, "链上状态证明不成立", "The state proof does not verify."),
    Failure("not-credential-file", 400, "不是证书文件", "This is not a credential file."),
    Failure("not-trust-file", 400, "不是可用的信任文件", "This is not a usable trust file."),
    Failure("too-large", 413, "文件超出大小上限", "The file is over the size limit."),
    # rosters, catalogue, batches
    Failure("roster-unreadable", 422, "无法读取名册", "The roster cannot be read."),
    Failure("roster-encrypted", 422, "工作簿已加密，请先去除密码", "The workbook is encrypted; remove its password first."),
    Failure("roster-too-many-rows", 422, "行数超出上限", "The roster has too many rows."),
    Failure("roster-bomb", 422, "压缩内容超出上限", "The workbook unpacks to more than the limit."),
    Failure("roster-no-table", 422, "找不到含必需列的表头", "No table with the required columns was found."),
    Failure("catalogue-invalid", 422, "证书目录有误", "The catalogue is invalid."),
    Failure("account-unknown", 404, "没有这个账号", "There is no such account."),
    Failure("role-missing", 403, "该账号无此权限", "The account does not hold the role for this."),
    Failure("same-person", 403, "导入人与放行人不能是同一人", "The importer and the approver must be two persons."),
    Failure("batch-unknown", 404, "没有这个批次", "There is no such batch."),
    Failure("batch-state", 409, "批次所处状态不允许此操作", "The batch is not in the state for this."),
    Failure("credential-unknown", 404, "没有这张证书", "There is no such credential."),
    Failure("already-revoked", 409, "证书已撤销", "The credential is revoked already."),
    Failure("reason-unknown", 422, "撤销原因不在列表中", "The revocation reason is not in the list."),
    # keys, evidence
    Failure("key-missing", 404, "密钥不在此密钥库中", "The key is not in this key store."),
    Failure("keystore-locked", 403, "密钥库口令不正确", "The key store's passphrase is wrong."),
    Failure("evidence-missing", 404, "找不到该证据", "The evidence is not held here."),
    Failure("evidence-tampered", 409, "证据内容与其编号不符", "The evidence's bytes are not those of its CID."),
    Failure("evidence-erased", 410, "证据密钥已销毁", "The evidence's key was destroyed."),
    # doors
    Failure("member-unknown", 404, "没有这个成员目录", "There is no such member folder."),
    Failure("network-exists", 409, "该目录已有网络", "There is a network in this folder already."),
    Failure("development-only", 500, "嵌入式默认配置不得用于生产环境", "An embedded default must not run in production mode."),
    Failure("setting-invalid", 500, "配置项不正确", "A setting is invalid."),
    Failure("not-found", 404, "没有这个资源", "There is no such resource."),
    Failure("method-not-allowed", 405, "不支持该请求方法", "The method is not allowed here."),
    Failure("request-invalid", 422, "请求格式不正确", "The request is malformed."),
    Failure("internal", 500, "内部错误，请凭请求编号联系运营方", "Internal error; quote the request id to the operator."),
)

FAILURES: dict[str, Failure] = {failure.code: failure for failure in _TABLE}
BY_SOLIDITY: dict[str, Failure] = {failure.solidity: failure for failure in _TABLE if failure.solidity}
