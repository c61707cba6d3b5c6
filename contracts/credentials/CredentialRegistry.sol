// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICredentialRegistry} from "../interfaces/ICredentialRegistry.sol";
import {IInstitutionRegistry} from "../interfaces/IInstitutionRegistry.sol";
import {MessageDomain} from "../libraries/MessageDomain.sol";
import {AnchorState, BatchId, InstitutionId, Purpose} from "../types/Types.sol";

/// @title The registry of batch anchors and status lists; see ICredentialRegistry.
/// @dev An anchor is one slot whatever the batch's size; a verifier reads _anchors, _statusHeads and _statusDigests.
contract CredentialRegistry is ICredentialRegistry, MessageDomain {
    bytes32 private constant _ANCHOR_TYPEHASH = keccak256(
        "Anchor(bytes32 institution,bytes32 root,uint64 count,bytes32 schema,bytes32 manifest,uint256 nonce,uint64 deadline)"
    );
    bytes32 private constant _CUSTODY_TYPEHASH = keccak256("Custody(bytes32 root,uint64 count,bytes32 manifest)");
    bytes32 private constant _STATUS_TYPEHASH = keccak256(
        "PublishStatus(bytes32 institution,uint64 list,uint64 version,bytes32 digest,uint256 nonce,uint64 deadline)"
    );

    IInstitutionRegistry private immutable _institutions;

    mapping(BatchId batch => AnchorRecord) private _anchors;
    mapping(bytes32 listId => StatusHead) private _statusHeads;
    mapping(bytes32 versionId => bytes32 digest) private _statusDigests;

    constructor(IInstitutionRegistry institutions, bytes32 genesisHash) MessageDomain(genesisHash) {
        _institutions = institutions;
    }

    /// @inheritdoc ICredentialRegistry
    function anchor(
        Anchor calldata m,
        bytes calldata registrar,
        bytes calldata approver,
        Custodian[2] calldata custodians
    ) external {
        if (m.count == 0) revert CredentialsEmptyBatch(m.institution);
        BatchId batch = BatchId.wrap(keccak256(abi.encode(m.root, m.count, m.schema, m.manifest, m.institution)));
        if (_anchors[batch].state != AnchorState.NONE) revert CredentialsAlreadyAnchored(batch);
        _useNonce(m.institution, m.nonce, m.deadline);
        bytes32 digest = _digest(
            keccak256(
                abi.encode(
                    _ANCHOR_TYPEHASH, m.institution, m.root, m.count, m.schema, m.manifest, m.nonce, m.deadline
                )
            )
        );
        _institutions.requireIssuer(
            m.institution, m.schema, _signerKey(digest, registrar), _signerKey(digest, approver)
        );
        _requireCustody(m, custodians);
        _anchors[batch] = AnchorRecord({time: uint40(block.timestamp), state: AnchorState.ANCHORED});
        emit BatchAnchored(batch, m.institution, m.schema, m.root, m.count, m.manifest, m.nonce);
    }

    /// @inheritdoc ICredentialRegistry
    function publishStatus(PublishStatus calldata m, bytes calldata registrar) external {
        _useNonce(m.institution, m.nonce, m.deadline);
        bytes32 digest = _digest(
            keccak256(abi.encode(_STATUS_TYPEHASH, m.institution, m.list, m.version, m.digest, m.nonce, m.deadline))
        );
        _institutions.requireKey(m.institution, Purpose.REGISTER, _signerKey(digest, registrar));
        StatusHead storage head = _statusHeads[_listId(m.institution, m.list)];
        if (m.version != head.version + 1) {
            revert CredentialsStatusVersion(m.institution, m.list, head.version, m.version);
        }
        head.version = m.version;
        head.time = uint40(block.timestamp);
        _statusDigests[_versionId(m.institution, m.list, m.version)] = m.digest;
        emit StatusPublished(m.institution, m.list, m.version, m.digest);
    }

    /// @inheritdoc ICredentialRegistry
    function anchorOf(BatchId batch) external view returns (AnchorRecord memory) {
        return _anchors[batch];
    }

    /// @inheritdoc ICredentialRegistry
    function statusOf(InstitutionId institution, uint64 list, uint64 version)
        external
        view
        returns (StatusHead memory, bytes32)
    {
        return (_statusHeads[_listId(institution, list)], _statusDigests[_versionId(institution, list, version)]);
    }

    function _requireCustody(Anchor calldata m, Custodian[2] calldata custodians) private view {
        bytes32 digest = _digest(keccak256(abi.encode(_CUSTODY_TYPEHASH, m.root, m.count, m.manifest)));
        bytes32 first = InstitutionId.unwrap(custodians[0].institution);
        for (uint256 i = 0; i < 2; ++i) {
            InstitutionId custodian = custodians[i].institution;
            bytes32 id = InstitutionId.unwrap(custodian);
            if (id == InstitutionId.unwrap(m.institution) || (i == 1 && id == first)) {
                revert CredentialsCustodianNotIndependent(custodian);
            }
            _institutions.requireKey(custodian, Purpose.CUSTODY, _signerKey(digest, custodians[i].signature));
        }
    }

    function _listId(InstitutionId institution, uint64 list) private pure returns (bytes32) {
        return keccak256(abi.encode(institution, list));
    }

    function _versionId(InstitutionId institution, uint64 list, uint64 version) private pure returns (bytes32) {
        return keccak256(abi.encode(institution, list, version));
    }
}
