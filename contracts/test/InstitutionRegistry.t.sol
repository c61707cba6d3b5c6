// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IInstitutionRegistry} from "../interfaces/IInstitutionRegistry.sol";
import {MessageDomain} from "../libraries/MessageDomain.sol";
import {Base} from "./Base.sol";
import "../types/Types.sol";

contract InstitutionRegistryTest is Base {
    bytes32 private constant _ADD_KEY = keccak256(
        "AddKey(bytes32 institution,uint8 purpose,uint8 algorithm,bytes32 key,uint64 from,uint256 nonce,uint64 deadline)"
    );
    bytes32 private constant _CLOSE_KEY = keccak256(
        "CloseKey(bytes32 institution,uint8 purpose,bytes32 key,uint64 until,uint64 cutOff,uint256 nonce,uint64 deadline)"
    );

    function _add(uint256 signer, IInstitutionRegistry.AddKey memory m) private view returns (bytes memory) {
        bytes32 structHash = keccak256(
            abi.encode(_ADD_KEY, m.institution, m.purpose, m.algorithm, m.key, m.from, m.nonce, m.deadline)
        );
        return signAs(signer, Purpose.VOTE, institutions.domainSeparator(), structHash);
    }

    function _close(uint256 signer, IInstitutionRegistry.CloseKey memory m) private view returns (bytes memory) {
        bytes32 structHash =
            keccak256(abi.encode(_CLOSE_KEY, m.institution, m.purpose, m.key, m.until, m.cutOff, m.nonce, m.deadline));
        return signAs(signer, Purpose.VOTE, institutions.domainSeparator(), structHash);
    }

    function _newKey() private returns (IInstitutionRegistry.AddKey memory) {
        return IInstitutionRegistry.AddKey(
            id(COLLEGE_A), Purpose.ASSERT, Algorithm.ED25519, keccak256("ed25519"), 0, nonce(), uint64(block.timestamp + 1)
        );
    }

    function test_OnlyTheCommitteeAdministers() public {
        bytes memory refusal = abi.encodeWithSelector(IInstitutionRegistry.InstitutionsNotCommittee.selector, address(this));
        vm.expectRevert(refusal);
        institutions.accredit(id(COLLEGE_A), SCHEMA, 1, 2);
        vm.expectRevert(refusal);
        institutions.suspend(id(COLLEGE_A));
        vm.expectRevert(refusal);
        institutions.reinstate(id(COLLEGE_A));
        vm.expectRevert(refusal);
        institutions.withdrawAccreditation(id(COLLEGE_A), SCHEMA);
        vm.expectRevert(refusal);
        institutions.setProfile(id(COLLEGE_A), 0);
        vm.expectRevert(refusal);
        institutions.closeKeyOf(id(COLLEGE_A), Purpose.VOTE, 0, 0, 0);
        vm.expectRevert(refusal);
        institutions.addKeyOf(id(COLLEGE_A), Purpose.VOTE, Algorithm.SECP256K1, bytes32(uint256(7)), 0);
        vm.expectRevert(refusal);
        institutions.register(InstitutionInit(id(STRANGER), Kind.COLLEGE, 0, new KeyInit[](0)));
    }

    function test_AMemberAddsAndClosesItsOwnKey() public {
        IInstitutionRegistry.AddKey memory m = _newKey();
        institutions.addKey(m, _add(COLLEGE_A, m));
        institutions.requireKey(id(COLLEGE_A), Purpose.ASSERT, m.key);
        check(institutions.keyOf(id(COLLEGE_A), Purpose.ASSERT, m.key).epoch == 1, "first epoch");
        IInstitutionRegistry.CloseKey memory c = IInstitutionRegistry.CloseKey(
            id(COLLEGE_A), Purpose.ASSERT, m.key, 0, uint64(block.timestamp), nonce(), uint64(block.timestamp + 1)
        );
        institutions.closeKey(c, _close(COLLEGE_A, c));
        vm.expectPartialRevert(IInstitutionRegistry.InstitutionsKeyNotLive.selector);
        institutions.requireKey(id(COLLEGE_A), Purpose.ASSERT, m.key);
    }

    function test_AnotherMemberCannot() public {
        IInstitutionRegistry.AddKey memory m = _newKey();
        bytes memory signature = _add(COLLEGE_C, m);
        vm.expectPartialRevert(IInstitutionRegistry.InstitutionsKeyNotLive.selector);
        institutions.addKey(m, signature);
    }

    function test_AMessageCountsOnceAndInTime() public {
        IInstitutionRegistry.AddKey memory m = _newKey();
        bytes memory signature = _add(COLLEGE_A, m);
        institutions.addKey(m, signature);
        vm.expectRevert(abi.encodeWithSelector(MessageDomain.MessageNonceUsed.selector, id(COLLEGE_A), m.nonce));
        institutions.addKey(m, signature);
        m.nonce = nonce();
        signature = _add(COLLEGE_A, m);
        vm.warp(m.deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(MessageDomain.MessageExpired.selector, m.deadline));
        institutions.addKey(m, signature);
    }

    function test_AKeyHasOnePurposeAtOneInstitution() public {
        bytes32 taken = word(COLLEGE_C, Purpose.CUSTODY);
        IInstitutionRegistry.AddKey memory m = _newKey();
        (m.purpose, m.algorithm, m.key) = (Purpose.APPROVE, Algorithm.SECP256K1, taken);
        bytes memory signature = _add(COLLEGE_A, m);
        vm.expectRevert(abi.encodeWithSelector(IInstitutionRegistry.InstitutionsKeyInUse.selector, taken));
        institutions.addKey(m, signature);
    }

    function test_AKeyIsNotBackDatedAndHasItsAlgorithm() public {
        IInstitutionRegistry.AddKey memory m = _newKey();
        m.from = uint64(block.timestamp - 1);
        bytes memory signature = _add(COLLEGE_A, m);
        vm.expectPartialRevert(IInstitutionRegistry.InstitutionsKeyInvalid.selector);
        institutions.addKey(m, signature);
        m.from = 0;
        m.algorithm = Algorithm.SECP256K1;
        signature = _add(COLLEGE_A, m);
        vm.expectPartialRevert(IInstitutionRegistry.InstitutionsKeyInvalid.selector);
        institutions.addKey(m, signature);
    }

    function test_AClosedKeyIsNotOpenedAgain() public {
        vm.prank(address(committee));
        institutions.closeKeyOf(id(COLLEGE_A), Purpose.REGISTER, word(COLLEGE_A, Purpose.REGISTER), 0, 0);
        vm.warp(block.timestamp + 10);
        vm.prank(address(committee));
        vm.expectPartialRevert(IInstitutionRegistry.InstitutionsKeyInvalid.selector);
        institutions.closeKeyOf(
            id(COLLEGE_A), Purpose.REGISTER, word(COLLEGE_A, Purpose.REGISTER), uint64(block.timestamp + 1 days), 0
        );
    }

    function test_SuspensionDoesNotBlockReportingACompromise() public {
        vm.prank(address(committee));
        institutions.suspend(id(COLLEGE_A));
        IInstitutionRegistry.CloseKey memory c = IInstitutionRegistry.CloseKey(
            id(COLLEGE_A),
            Purpose.REGISTER,
            word(COLLEGE_A, Purpose.REGISTER),
            0,
            uint64(block.timestamp),
            nonce(),
            uint64(block.timestamp + 1)
        );
        institutions.closeKey(c, _close(COLLEGE_A, c));
        check(institutions.keyOf(id(COLLEGE_A), Purpose.REGISTER, c.key).cutOff != 0, "cut off");
    }

    function test_SuspendAndReinstate() public {
        vm.prank(address(committee));
        institutions.suspend(id(COLLEGE_A));
        check(!institutions.isActive(id(COLLEGE_A)), "suspended");
        vm.expectPartialRevert(IInstitutionRegistry.InstitutionsSuspended.selector);
        institutions.requireKey(id(COLLEGE_A), Purpose.REGISTER, word(COLLEGE_A, Purpose.REGISTER));
        vm.prank(address(committee));
        institutions.reinstate(id(COLLEGE_A));
        institutions.requireKey(id(COLLEGE_A), Purpose.REGISTER, word(COLLEGE_A, Purpose.REGISTER));
    }

    /// @dev Accreditation covers [from, until), and not a second more.
    function testFuzz_AccreditationCoversItsPeriod(uint32 offset) public {
        uint256 time = START + uint256(offset) % (400 days);
        vm.warp(time);
        bytes32 registrar = word(COLLEGE_A, Purpose.REGISTER);
        bytes32 approver = word(COLLEGE_A, Purpose.APPROVE);
        if (time >= START + 365 days) vm.expectPartialRevert(IInstitutionRegistry.InstitutionsNotAccredited.selector);
        institutions.requireIssuer(id(COLLEGE_A), SCHEMA, registrar, approver);
    }

    function test_AFuturePeriodDoesNotEndTheRunningOne() public {
        bytes32 registrar = word(COLLEGE_A, Purpose.REGISTER);
        bytes32 approver = word(COLLEGE_A, Purpose.APPROVE);
        vm.prank(address(committee));
        institutions.accredit(id(COLLEGE_A), SCHEMA, uint40(START + 400 days), uint40(START + 500 days));
        institutions.requireIssuer(id(COLLEGE_A), SCHEMA, registrar, approver);
        vm.warp(START + 399 days);
        vm.expectPartialRevert(IInstitutionRegistry.InstitutionsNotAccredited.selector);
        institutions.requireIssuer(id(COLLEGE_A), SCHEMA, registrar, approver);
        vm.warp(START + 400 days);
        institutions.requireIssuer(id(COLLEGE_A), SCHEMA, registrar, approver);
    }

    function test_AWithdrawalEndsWhatRunsAndWhatWasToFollow() public {
        vm.prank(address(committee));
        institutions.accredit(id(COLLEGE_A), SCHEMA, uint40(START + 400 days), uint40(START + 500 days));
        vm.prank(address(committee));
        institutions.withdrawAccreditation(id(COLLEGE_A), SCHEMA);
        bytes32 registrar = word(COLLEGE_A, Purpose.REGISTER);
        bytes32 approver = word(COLLEGE_A, Purpose.APPROVE);
        uint256[2] memory times = [START, START + 450 days];
        for (uint256 i = 0; i < 2; ++i) {
            vm.warp(times[i]);
            vm.expectPartialRevert(IInstitutionRegistry.InstitutionsNotAccredited.selector);
            institutions.requireIssuer(id(COLLEGE_A), SCHEMA, registrar, approver);
        }
        vm.prank(address(committee));
        vm.expectPartialRevert(IInstitutionRegistry.InstitutionsNotAccredited.selector);
        institutions.withdrawAccreditation(id(COLLEGE_A), SCHEMA);
    }

    function test_AClosedKeyCanStillBeReportedButNotBackDated() public {
        bytes32 key = word(COLLEGE_A, Purpose.REGISTER);
        vm.prank(address(committee));
        institutions.closeKeyOf(id(COLLEGE_A), Purpose.REGISTER, key, 0, 0);
        vm.warp(START + 10 days);
        vm.prank(address(committee));
        vm.expectPartialRevert(IInstitutionRegistry.InstitutionsKeyInvalid.selector);
        institutions.closeKeyOf(id(COLLEGE_A), Purpose.REGISTER, key, uint64(START - 1 days), 0);
        vm.prank(address(committee));
        institutions.closeKeyOf(id(COLLEGE_A), Purpose.REGISTER, key, 0, uint64(START - 1 days));
        IInstitutionRegistry.KeyRecord memory record = institutions.keyOf(id(COLLEGE_A), Purpose.REGISTER, key);
        check(record.until == START && record.cutOff == START - 1 days, "the end stays, the cut-off is reported");
    }

    function test_PeriodsDoNotOverlapAndAreKept() public {
        vm.prank(address(committee));
        vm.expectPartialRevert(IInstitutionRegistry.InstitutionsPeriodInvalid.selector);
        institutions.accredit(id(COLLEGE_A), SCHEMA, uint40(START + 364 days), uint40(START + 500 days));
        vm.prank(address(committee));
        institutions.withdrawAccreditation(id(COLLEGE_A), SCHEMA);
        vm.warp(START + 1);
        vm.prank(address(committee));
        institutions.accredit(id(COLLEGE_A), SCHEMA, uint40(START + 1), uint40(START + 500 days));
        (uint32 periods, IInstitutionRegistry.Accreditation memory first) =
            institutions.accreditationOf(id(COLLEGE_A), SCHEMA, 1);
        check(periods == 2 && first.withdrawnAt == START, "both periods are kept");
    }
}
