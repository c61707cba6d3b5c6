// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICredentialRegistry} from "../interfaces/ICredentialRegistry.sol";
import {IInstitutionRegistry} from "../interfaces/IInstitutionRegistry.sol";
import {MessageDomain} from "../libraries/MessageDomain.sol";
import {Base} from "./Base.sol";
import "../types/Types.sol";

contract CredentialRegistryTest is Base {
    function _batch(ICredentialRegistry.Anchor memory m) private pure returns (BatchId) {
        return BatchId.wrap(keccak256(abi.encode(m.root, m.count, m.schema, m.manifest, m.institution)));
    }

    function _try(
        ICredentialRegistry.Anchor memory m,
        bytes memory registrar,
        bytes memory approver,
        ICredentialRegistry.Custodian[2] memory custodians,
        bytes4 refusal
    ) private {
        vm.expectPartialRevert(refusal);
        credentials.anchor(m, registrar, approver, custodians);
    }

    function test_GasAnchorsABatchOfAnySize() public {
        ICredentialRegistry.Anchor memory m = anchorMessage();
        anchorWith(m, BUREAU, ENTERPRISE);
        ICredentialRegistry.AnchorRecord memory record = credentials.anchorOf(_batch(m));
        check(record.time == block.timestamp && record.state == AnchorState.ANCHORED, "anchored");
    }

    function test_RefusesTheSameBatchUnderAnotherNonce() public {
        ICredentialRegistry.Anchor memory m = anchorMessage();
        anchorWith(m, BUREAU, ENTERPRISE);
        m.nonce = nonce();
        bytes memory registrar = signedAnchor(m, COLLEGE_A, Purpose.REGISTER);
        bytes memory approver = signedAnchor(m, COLLEGE_A, Purpose.APPROVE);
        ICredentialRegistry.Custodian[2] memory both = [custodian(m, BUREAU), custodian(m, ENTERPRISE)];
        _try(m, registrar, approver, both, ICredentialRegistry.CredentialsAlreadyAnchored.selector);
    }

    function test_RefusesAUsedNonceAndALateMessage() public {
        ICredentialRegistry.Anchor memory m = anchorMessage();
        anchorWith(m, BUREAU, ENTERPRISE);
        m.root = keccak256("another");
        bytes memory registrar = signedAnchor(m, COLLEGE_A, Purpose.REGISTER);
        bytes memory approver = signedAnchor(m, COLLEGE_A, Purpose.APPROVE);
        ICredentialRegistry.Custodian[2] memory both = [custodian(m, BUREAU), custodian(m, ENTERPRISE)];
        _try(m, registrar, approver, both, MessageDomain.MessageNonceUsed.selector);
        vm.warp(m.deadline + 1);
        _try(m, registrar, approver, both, MessageDomain.MessageExpired.selector);
    }

    function test_NeedsBothPersonsOfTheIssuer() public {
        ICredentialRegistry.Anchor memory m = anchorMessage();
        bytes memory registrar = signedAnchor(m, COLLEGE_A, Purpose.REGISTER);
        bytes memory approver = signedAnchor(m, COLLEGE_A, Purpose.APPROVE);
        ICredentialRegistry.Custodian[2] memory both = [custodian(m, BUREAU), custodian(m, ENTERPRISE)];
        bytes4 refusal = IInstitutionRegistry.InstitutionsKeyNotLive.selector;
        _try(m, registrar, registrar, both, refusal);
        _try(m, approver, approver, both, refusal);
        _try(m, approver, registrar, both, refusal);
        _try(m, signedAnchor(m, COLLEGE_C, Purpose.REGISTER), approver, both, refusal);
        _try(m, signedAnchor(m, STRANGER, Purpose.REGISTER), approver, both, refusal);
    }

    function test_NeedsTwoOtherCustodians() public {
        ICredentialRegistry.Anchor memory m = anchorMessage();
        bytes memory registrar = signedAnchor(m, COLLEGE_A, Purpose.REGISTER);
        bytes memory approver = signedAnchor(m, COLLEGE_A, Purpose.APPROVE);
        bytes4 refusal = ICredentialRegistry.CredentialsCustodianNotIndependent.selector;
        _try(m, registrar, approver, [custodian(m, BUREAU), custodian(m, BUREAU)], refusal);
        _try(m, registrar, approver, [custodian(m, COLLEGE_A), custodian(m, BUREAU)], refusal);
        ICredentialRegistry.Custodian memory forged = custodian(m, STRANGER);
        forged.institution = id(ENTERPRISE);
        _try(m, registrar, approver, [custodian(m, BUREAU), forged], IInstitutionRegistry.InstitutionsKeyNotLive.selector);
        _try(
            m, registrar, approver, [custodian(m, BUREAU), custodian(m, STRANGER)], IInstitutionRegistry.InstitutionsUnknown.selector
        );
    }

    function test_RefusesTheSuspendedAndTheUnaccredited() public {
        ICredentialRegistry.Anchor memory m = anchorMessage();
        m.schema = SchemaId.wrap(keccak256("other schema"));
        bytes memory registrar = signedAnchor(m, COLLEGE_A, Purpose.REGISTER);
        bytes memory approver = signedAnchor(m, COLLEGE_A, Purpose.APPROVE);
        ICredentialRegistry.Custodian[2] memory both = [custodian(m, BUREAU), custodian(m, ENTERPRISE)];
        _try(m, registrar, approver, both, IInstitutionRegistry.InstitutionsNotAccredited.selector);
        vm.prank(address(committee));
        institutions.suspend(id(COLLEGE_A));
        _try(m, registrar, approver, both, IInstitutionRegistry.InstitutionsSuspended.selector);
    }

    function test_RefusesAnEmptyBatch() public {
        ICredentialRegistry.Anchor memory m = anchorMessage();
        m.count = 0;
        ICredentialRegistry.Custodian[2] memory both = [custodian(m, BUREAU), custodian(m, ENTERPRISE)];
        _try(m, "", "", both, ICredentialRegistry.CredentialsEmptyBatch.selector);
    }

    /// @dev One flipped bit anywhere in the message, and the signatures no longer fit.
    function testFuzz_OneFlippedBitIsRefused(uint8 field, uint8 bit) public {
        ICredentialRegistry.Anchor memory m = anchorMessage();
        bytes memory registrar = signedAnchor(m, COLLEGE_A, Purpose.REGISTER);
        bytes memory approver = signedAnchor(m, COLLEGE_A, Purpose.APPROVE);
        ICredentialRegistry.Custodian[2] memory both = [custodian(m, BUREAU), custodian(m, ENTERPRISE)];
        bytes32 mask = bytes32(uint256(1) << bit);
        if (field % 6 == 0) m.root ^= mask;
        if (field % 6 == 1) m.manifest ^= mask;
        if (field % 6 == 2) m.schema = SchemaId.wrap(SchemaId.unwrap(m.schema) ^ mask);
        if (field % 6 == 3) m.institution = InstitutionId.wrap(InstitutionId.unwrap(m.institution) ^ mask);
        if (field % 6 == 4) m.nonce ^= uint256(mask);
        if (field % 6 == 5) m.count ^= uint64(1) << (bit % 64);
        vm.expectRevert();
        credentials.anchor(m, registrar, approver, both);
    }

    function test_AnotherChainIsAnotherDomain() public view {
        bytes32 here = credentials.domainSeparator();
        check(here != institutions.domainSeparator(), "each register has its own domain");
    }

    function _publish(uint64 version) private returns (ICredentialRegistry.PublishStatus memory m, bytes memory signature) {
        m = ICredentialRegistry.PublishStatus(
            id(COLLEGE_A), 1, version, keccak256(abi.encode(version)), nonce(), uint64(block.timestamp + 1 days)
        );
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(
                    "PublishStatus(bytes32 institution,uint64 list,uint64 version,bytes32 digest,uint256 nonce,uint64 deadline)"
                ),
                m.institution,
                m.list,
                m.version,
                m.digest,
                m.nonce,
                m.deadline
            )
        );
        signature = signAs(COLLEGE_A, Purpose.REGISTER, credentials.domainSeparator(), structHash);
    }

    function test_GasPublishesStatusVersionsInOrder() public {
        (ICredentialRegistry.PublishStatus memory m, bytes memory signature) = _publish(1);
        credentials.publishStatus(m, signature);
        (m, signature) = _publish(3);
        vm.expectPartialRevert(ICredentialRegistry.CredentialsStatusVersion.selector);
        credentials.publishStatus(m, signature);
        (m, signature) = _publish(2);
        credentials.publishStatus(m, signature);
        (ICredentialRegistry.StatusHead memory head, bytes32 first) = credentials.statusOf(id(COLLEGE_A), 1, 1);
        check(head.version == 2 && first == keccak256(abi.encode(uint64(1))), "earlier versions stay readable");
    }

    function test_OnlyARegistrarPublishes() public {
        (ICredentialRegistry.PublishStatus memory m, bytes memory signature) = _publish(1);
        m.institution = id(COLLEGE_C);
        vm.expectPartialRevert(IInstitutionRegistry.InstitutionsKeyNotLive.selector);
        credentials.publishStatus(m, signature);
    }
}
