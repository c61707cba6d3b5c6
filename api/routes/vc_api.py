"""VC-API (W3C CCG) under ``/vc-api``: issue and verify credentials and presentations, resolve did:key.

Its status codes and bodies are that protocol's: everything refused is 400 with a JSON body. Open issuers exist in
development mode only; the bank's own issuing is another path, with the institutions' keys.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from api.deps import OperatorDep
from ledger.errors import Invalid, LedgerError
from ledger.formats import data_integrity, did, jcs, rdfc, vc_model


async def _raw(request: Request) -> bytes:
    return await request.body()


RawBody = Annotated[bytes, Depends(_raw)]
router = APIRouter(prefix="/vc-api", tags=["vc-api"])
_LD_DID = 'application/ld+json;profile="https://w3id.org/did-resolution"'
_RESOLUTION = "https://w3id.org/did-resolution/v1"
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}}


@router.post("/issuers/{suite}/credentials/issue", status_code=201, openapi_extra=_BODY)
def issue(suite: str, data: RawBody, operator: OperatorDep) -> JSONResponse:
    """Sign a credential with an open issuer's key; 400 for anything malformed."""
    try:
        body = _object(data)
        credential = vc_model.require_credential(body.get("credential"))
        if "proof" in credential:
            raise Invalid("credential-malformed", pointer="/proof", why="not signed yet")
        options = body.get("options")
        algorithm = options.get("algorithm") if isinstance(options, dict) else None
        rdfc.expand(credential)
        signed = operator.open_issuers.issue(suite, credential, algorithm)
    except LedgerError as error:
        return _refusal(error)
    return JSONResponse({"verifiableCredential": signed}, 201)


@router.post("/credentials/verify", openapi_extra=_BODY)
def verify_credential(data: RawBody, operator: OperatorDep) -> JSONResponse:
    """Verify a credential: its form, every proof, and its dates unless ``checks`` asks for the proof alone."""
    try:
        body = _object(data)
        credential = vc_model.require_credential(body.get("verifiableCredential"))
        options = body.get("options") or {}
        _verify(credential, options, operator)
    except LedgerError as error:
        return _refusal(error, verified=False)
    return JSONResponse({"verified": True, "checks": ["proof"], "warnings": [], "errors": []})


@router.post("/presentations/verify", openapi_extra=_BODY)
def verify_presentation(data: RawBody, operator: OperatorDep) -> JSONResponse:
    """Verify a presentation and every credential in it; a signed one must state challenge and domain."""
    try:
        body = _object(data)
        presentation = vc_model.require_presentation(body.get("verifiablePresentation"))
        options = body.get("options") or {}
        if not isinstance(options, dict):
            raise Invalid("request-invalid", field="/options")
        if "proof" in presentation:
            _verify_holder(presentation, options)
        rdfc.expand({key: value for key, value in presentation.items() if key != "proof"})
        credentials = presentation.get("verifiableCredential", [])
        for credential in credentials if isinstance(credentials, list) else [credentials]:
            _verify(credential, options, operator)
    except LedgerError as error:
        return _refusal(error, verified=False)
    return JSONResponse({"verified": True, "checks": ["proof"], "warnings": [], "errors": []})


@router.get("/1.0/identifiers/{identifier}")
def resolve(identifier: str) -> JSONResponse:
    """Resolve a did:key (DID Resolution); other methods and malformed DIDs are errors with the same members."""
    try:
        method = identifier + "#" + identifier.removeprefix("did:key:")
        key = did.key_from_method(method)
    except LedgerError:
        known = identifier.startswith("did:") and not identifier.startswith("did:key:")
        code, status = ("methodNotSupported", 501) if known else ("invalidDid", 400)
        return JSONResponse(_resolution(None, {"error": code}), status, media_type=_LD_DID)
    document = did.document(identifier, {key.multikey: key})
    return JSONResponse(_resolution(document, {"contentType": "application/did+ld+json"}), media_type=_LD_DID)


def _verify(credential: dict[str, Any], options: Any, operator: OperatorDep) -> None:
    """Verify a credential's proofs; unless the proof alone is asked for, also its issuer's hold on the keys and its dates."""
    if not isinstance(options, dict):
        raise Invalid("request-invalid", field="/options")
    data_integrity.verify(credential, did.key_from_method)
    rdfc.expand({key: value for key, value in credential.items() if key != "proof"})
    if options.get("checks") == ["proof"]:
        return
    _require_controller(credential, credential["issuer"], "/issuer")
    if not vc_model.is_in_force(credential, operator.clock.now()):
        raise Invalid("credential-malformed", pointer="/validUntil", why="outside its dates")


def _verify_holder(presentation: dict[str, Any], options: dict[str, Any]) -> None:
    """Verify a signed presentation: the challenge and domain asked for, by a key of its holder, if it names one."""
    for name in ("challenge", "domain"):
        if not isinstance(options.get(name), str):
            raise Invalid("request-invalid", field=f"/options/{name}", why="a signed presentation is verified against it")
    expected = {name: options[name] for name in ("challenge", "domain")}
    data_integrity.verify(presentation, did.key_from_method, "authentication", expected)
    if "holder" in presentation:
        _require_controller(presentation, presentation["holder"], "/holder")


def _require_controller(document: dict[str, Any], party: Any, pointer: str) -> None:
    """Require every proof to be by a key of the party: otherwise anybody could sign in anybody's name."""
    identifier = party["id"] if isinstance(party, dict) else party
    proofs = document["proof"] if isinstance(document["proof"], list) else [document["proof"]]
    if any(entry["verificationMethod"].partition("#")[0] != identifier for entry in proofs):
        raise Invalid("credential-malformed", pointer=pointer, why="not the controller of the signing key")


def _object(data: bytes) -> dict[str, Any]:
    body = jcs.loads(data)
    if not isinstance(body, dict):
        raise Invalid("request-invalid", field="/", why="not an object")
    return body


def _refusal(error: LedgerError, *, verified: bool | None = None) -> JSONResponse:
    failure = error.failure
    details = {name: value for name, value in error.details.items() if isinstance(value, (str, int))}
    entry = {
        "type": f"/problems/{failure.code}",
        "title": failure.en,
        "title_zh": failure.zh,
        "detail": error.diagnostics(),
        **details,
    }
    if verified is None:
        return JSONResponse({**entry, "errors": [entry]}, 400)
    return JSONResponse({"verified": verified, "checks": [], "warnings": [], "errors": [entry]}, 400)


def _resolution(document: dict[str, Any] | None, metadata: dict[str, Any]) -> dict[str, Any]:
    return {
        "@context": _RESOLUTION,
        "didDocument": document,
        "didDocumentMetadata": {},
        "didResolutionMetadata": metadata,
    }
