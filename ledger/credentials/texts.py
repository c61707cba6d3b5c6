"""What each answer says, in Chinese and English; ``{…}`` is filled with proved values only."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, tuple[str, str]]] = {
    # integrity
    "intact": (
        "证书自颁发以来未被改动，已于 {sealed_at} 封存上链",
        "Unchanged since it was issued; sealed on chain at {sealed_at}.",
    ),
    "checkpoint-invalid": ("见证签名不足或不成立", "Too few valid witness signatures for this chain."),
    "state-proof-invalid": ("链上状态证明不成立", "The state proof does not verify."),
    "not-anchored": ("链上没有这一批次", "The batch is not anchored on chain as the file says."),
    "merkle-invalid": ("证书不在所声称的批次内", "The credential is not in the batch that the file names."),
    "proof-invalid": ("证书签名无效，内容可能被改动", "The signature does not verify; the content may have been changed."),
    "proof-malformed": ("证书签名结构不正确", "The proof or the credential's structure is malformed."),
    "schema-violated": ("证书内容不符合其类型", "The content does not fit the credential's type."),
    "schema-unknown": ("本程序不认识该证书类型", "This program does not know the credential's type."),
    "issuer-key-unproved": ("没有得到证明的颁发密钥，无法检查签名", "No proved issuer key to check the signature with."),
    # issuer
    "accredited": (
        "由{issuer_zh}颁发；颁发时该机构有资格、密钥有效",
        "Issued by {issuer_en}, accredited for this type and with a live key at that time.",
    ),
    "issuer-differs": ("签名机构与上链机构不一致", "The credential's issuer is not the institution that anchored it."),
    "issuer-unproved": ("文件中的机构信息与链上登记不符", "What the file says of the issuer differs from the registry."),
    "key-unknown": ("颁发密钥未在登记簿中", "The signing key is not in the registry."),
    "key-not-live": ("颁发时该密钥无效", "The signing key was not live at that time."),
    "not-accredited": ("颁发时该机构没有此类证书的资格", "The institution was not accredited for this type at that time."),
    "batch-disputed": ("该批次被委员会列为有争议", "The committee has marked the batch as disputed."),
    "batch-disavowed": ("该批次已被委员会否认", "The committee has disavowed the batch."),
    # status
    "live": ("截至 {valid_as_of} 未被撤销或暂停", "Neither revoked nor suspended as of {valid_as_of}."),
    "revoked": ("已被撤销（截至 {valid_as_of}）", "Revoked (as of {valid_as_of})."),
    "suspended": ("已被暂停（截至 {valid_as_of}）", "Suspended (as of {valid_as_of})."),
    "status-differs": ("状态列表与链上摘要不符", "A status list differs from its digest on chain, or is missing."),
    "status-stale": (
        "状态信息截至 {valid_as_of}，已超过 {max_days} 天，请刷新文件",
        "The status is of {valid_as_of}, older than {max_days} days; refresh the file.",
    ),
    "clock-behind": ("状态时间晚于本机时钟，请校准时钟", "The status is later than this machine's clock; set the clock."),
    # dates
    "in-force": ("在有效期内", "Within its dates."),
    "not-yet-valid": ("尚未生效", "Not yet valid."),
    "expired": ("已过有效期", "Expired."),
    "dates-malformed": ("日期格式不正确", "A date is malformed."),
    # holder
    "holder-not-checked": ("未核对持证人", "The holder was not checked."),
    "holder-matched": ("学号与证书相符", "The student number matches the credential."),
    "holder-differs": ("学号与证书不符", "The student number does not match the credential."),
    # whatever depends on an answer that did not pass
    "unproved": ("内容未得到证明，不作判断", "The content is not proved, so this is not judged."),
}
