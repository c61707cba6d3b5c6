// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICommittee} from "../interfaces/ICommittee.sol";
import {IInstitutionRegistry} from "../interfaces/IInstitutionRegistry.sol";
import {MessageDomain} from "../libraries/MessageDomain.sol";
import {Base} from "./Base.sol";
import "../types/Types.sol";

contract CommitteeTest is Base {
    function _accredit() private view returns (Call[] memory calls) {
        calls = new Call[](1);
        bytes memory data = abi.encodeCall(
            IInstitutionRegistry.accredit, (id(COLLEGE_C), SCHEMA, uint40(START), uint40(START + 100 days))
        );
        calls[0] = Call(address(institutions), data);
    }

    function _state(ProposalId p) private view returns (ProposalState) {
        return committee.tallyOf(p).state;
    }

    function test_IsAdoptedAtTheThirdYesWithEverySector() public {
        Call[] memory calls = _accredit();
        ProposalId p = open(calls);
        cast(p, BUREAU, Choice.YES);
        cast(p, COLLEGE_A, Choice.YES);
        cast(p, COLLEGE_C, Choice.NO);
        cast(p, EVALUATOR, Choice.ABSTAIN);
        check(_state(p) == ProposalState.OPEN, "two yes are not enough");
        cast(p, ENTERPRISE, Choice.YES);
        check(_state(p) == ProposalState.ADOPTED, "third yes adopts");
        committee.execute(p, calls);
        check(_state(p) == ProposalState.EXECUTED, "executed");
        (uint32 periods,) = institutions.accreditationOf(id(COLLEGE_C), SCHEMA, 1);
        check(periods == 1, "the call took effect");
        vm.expectPartialRevert(ICommittee.CommitteeProposalState.selector);
        committee.execute(p, calls);
    }

    function test_NeedsAYesFromEachSector() public {
        ProposalId p = open(_accredit());
        cast(p, BUREAU, Choice.YES);
        cast(p, COLLEGE_A, Choice.YES);
        cast(p, COLLEGE_C, Choice.YES);
        cast(p, EVALUATOR, Choice.YES);
        check(_state(p) == ProposalState.OPEN, "no enterprise said yes");
    }

    function test_RefusesAStrangersVote() public {
        ProposalId p = open(_accredit());
        (ICommittee.Vote memory v, bytes memory signature) = ballot(p, STRANGER, Choice.YES);
        vm.expectRevert(abi.encodeWithSelector(ICommittee.CommitteeNotMember.selector, id(STRANGER)));
        committee.castVote(v, signature);
    }

    function test_RefusesAVoteSignedByAnother() public {
        ProposalId p = open(_accredit());
        (ICommittee.Vote memory v,) = ballot(p, ENTERPRISE, Choice.YES);
        (, bytes memory other) = ballot(p, COLLEGE_A, Choice.YES);
        vm.expectPartialRevert(IInstitutionRegistry.InstitutionsKeyNotLive.selector);
        committee.castVote(v, other);
    }

    function test_RefusesASecondVote() public {
        ProposalId p = open(_accredit());
        cast(p, BUREAU, Choice.NO);
        (ICommittee.Vote memory v, bytes memory signature) = ballot(p, BUREAU, Choice.YES);
        vm.expectRevert(abi.encodeWithSelector(ICommittee.CommitteeAlreadyVoted.selector, p, id(BUREAU)));
        committee.castVote(v, signature);
    }

    function test_RefusesAVoteAfterTheClose() public {
        ProposalId p = open(_accredit());
        vm.warp(block.timestamp + 7 days + 1);
        (ICommittee.Vote memory v, bytes memory signature) = ballot(p, BUREAU, Choice.YES);
        vm.expectPartialRevert(ICommittee.CommitteeClosed.selector);
        committee.castVote(v, signature);
    }

    function test_ASuspensionSilencesTheVote() public {
        ProposalId p = open(_accredit());
        vm.prank(address(committee));
        institutions.suspend(id(ENTERPRISE));
        (ICommittee.Vote memory v, bytes memory signature) = ballot(p, ENTERPRISE, Choice.YES);
        vm.expectPartialRevert(IInstitutionRegistry.InstitutionsSuspended.selector);
        committee.castVote(v, signature);
    }

    function test_AYesOfOneSuspendedSinceDoesNotCount() public {
        ProposalId p = open(_accredit());
        cast(p, BUREAU, Choice.YES);
        cast(p, ENTERPRISE, Choice.YES);
        vm.prank(address(committee));
        institutions.suspend(id(ENTERPRISE));
        cast(p, COLLEGE_A, Choice.YES);
        check(_state(p) == ProposalState.OPEN && committee.tallyOf(p).yes == 2, "two live yes votes");
        cast(p, COLLEGE_C, Choice.YES);
        check(_state(p) == ProposalState.OPEN, "three yes, but no enterprise");
    }

    function test_AYesOfOneRemovedSinceDoesNotCount() public {
        ProposalId p = open(_accredit());
        cast(p, COLLEGE_C, Choice.YES);
        cast(p, BUREAU, Choice.YES);
        vm.prank(address(committee));
        committee.removeMember(id(COLLEGE_C));
        cast(p, ENTERPRISE, Choice.YES);
        check(_state(p) == ProposalState.OPEN, "no college that is a member said yes");
        cast(p, COLLEGE_A, Choice.YES);
        check(_state(p) == ProposalState.ADOPTED, "now one did");
    }

    function test_RefusesOtherCalls() public {
        ProposalId p = open(_accredit());
        cast(p, BUREAU, Choice.YES);
        cast(p, COLLEGE_A, Choice.YES);
        cast(p, ENTERPRISE, Choice.YES);
        vm.expectPartialRevert(ICommittee.CommitteeCallsMismatch.selector);
        committee.execute(p, new Call[](0));
    }

    function test_RefusesTheSameProposalTwice() public {
        (ICommittee.Proposal memory p,) = proposal(_accredit());
        bytes memory signature = signAs(BUREAU, Purpose.VOTE, committee.domainSeparator(), proposalHash(p));
        committee.propose(p, signature);
        vm.expectPartialRevert(MessageDomain.MessageNonceUsed.selector);
        committee.propose(p, signature);
    }

    function test_DecidesInOneTransaction() public {
        Call[] memory calls = _accredit();
        (ICommittee.Proposal memory p, ProposalId pid) = proposal(calls);
        ICommittee.SignedVote[] memory votes = new ICommittee.SignedVote[](3);
        uint256[3] memory voters = [BUREAU, COLLEGE_A, ENTERPRISE];
        for (uint256 i = 0; i < 3; ++i) {
            (ICommittee.Vote memory v, bytes memory signature) = ballot(pid, voters[i], Choice.YES);
            votes[i] = ICommittee.SignedVote(v, signature);
        }
        committee.decide(p, signAs(BUREAU, Purpose.VOTE, committee.domainSeparator(), proposalHash(p)), votes, calls);
        check(_state(pid) == ProposalState.EXECUTED, "executed");
    }

    function test_AdministrationIsItsOwnDecisionOnly() public {
        vm.expectPartialRevert(ICommittee.CommitteeOnlySelf.selector);
        committee.setQuorum(4);
        vm.expectPartialRevert(ICommittee.CommitteeOnlySelf.selector);
        committee.admitMember(id(STRANGER), Sector.NONE);
        vm.expectPartialRevert(ICommittee.CommitteeOnlySelf.selector);
        committee.removeMember(id(BUREAU));
        vm.expectPartialRevert(ICommittee.CommitteeOnlySelf.selector);
        committee.adoptRegister("x", address(this));
    }

    function test_KeepsAMajorityAndEverySector() public {
        vm.prank(address(committee));
        vm.expectPartialRevert(ICommittee.CommitteeQuorumInvalid.selector);
        committee.setQuorum(2);
        vm.prank(address(committee));
        vm.expectPartialRevert(ICommittee.CommitteeQuorumInvalid.selector);
        committee.removeMember(id(ENTERPRISE));
        vm.prank(address(committee));
        committee.removeMember(id(COLLEGE_C));
        (bool isMember,,,) = committee.memberOf(id(COLLEGE_C));
        check(!isMember, "removed");
    }

    /// @dev Adopted exactly when at least three said yes, one of each sector among them.
    function testFuzz_AdoptedIffQuorumAndSectors(uint8[5] memory raw) public {
        ProposalId p = open(_accredit());
        uint256 yes;
        bool[5] memory saidYes;
        for (uint256 i = 0; i < 5; ++i) {
            Choice choice = Choice(1 + raw[i] % 3);
            if (_state(p) != ProposalState.OPEN) break;
            cast(p, i, choice);
            if (choice == Choice.YES) {
                ++yes;
                saidYes[i] = true;
            }
        }
        bool every = saidYes[BUREAU] && saidYes[ENTERPRISE] && (saidYes[COLLEGE_A] || saidYes[COLLEGE_C]);
        check((_state(p) == ProposalState.ADOPTED) == (yes >= 3 && every), "rule");
    }
}
