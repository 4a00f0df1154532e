namespace BuildRunner.Orchestration.Tests.Groups;

public sealed class GroupDecisionTests
{
    private const BuildStatus Open = BuildStatus.Running;
    private const BuildStatus Won = BuildStatus.Succeeded;
    private const BuildStatus Lost = BuildStatus.Failed;
    private const BuildStatus Stopped = BuildStatus.Cancelled;

    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch;

    /// <summary>The statuses of two required members and an optional one, whether the group fails fast and whether it was cancelled, and what follows: the verdict, and which members are cancelled.</summary>
    public static TheoryData<BuildStatus[], bool, bool, BuildStatus?, int[]> Cases => new()
    {
        { [Open, Open, Open], false, false, null, [] },
        { [Won, Open, Open], true, false, null, [] },
        { [Won, Won, Open], true, false, null, [] },
        { [Won, Won, Won], false, false, Won, [] },
        { [Won, Won, Lost], true, false, Won, [] },
        { [Won, Won, Stopped], true, false, Won, [] },
        { [Open, Open, Lost], true, false, null, [] },
        { [Lost, Open, Open], false, false, null, [] },
        { [Lost, Won, Open], false, false, null, [] },
        { [Lost, Won, Won], false, false, Lost, [] },
        { [Stopped, Won, Won], false, false, Lost, [] },
        { [Lost, Open, Open], true, false, Lost, [1, 2] },
        { [Stopped, Won, Open], true, false, Lost, [2] },
        { [Open, Open, Open], false, true, null, [0, 1, 2] },
        { [Lost, Open, Won], true, true, null, [1] },
        { [Stopped, Stopped, Stopped], false, true, Stopped, [] },
        { [Stopped, Won, Won], true, true, Stopped, [] },
        { [Lost, Stopped, Won], true, true, Lost, [] },
        { [Won, Won, Stopped], false, true, Won, [] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_the_members_have_come_to_decides(BuildStatus[] statuses, bool failFast, bool isCancelled, BuildStatus? verdict, int[] cancelled)
    {
        var builds = statuses.Select(Build).ToList();
        var group = Group(builds) with { FailFast = failFast, IsCancelled = isCancelled };

        var step = Decide(group, builds);

        (step.Changed ?? group).Verdict.Should().Be(verdict);
        (step.Changed ?? group).EndedAt.Should().Be(verdict is null ? null : Now);
        step.Cancels.Should().Equal(cancelled.Select(i => builds[i].Id));
        (step.Changed ?? group).Members.Select(static member => member.Outcome).Should().Equal(statuses.Select(static status => status.IsTerminal() ? status : (BuildStatus?)null));
    }

    [Fact]
    public void Nothing_new_changes_nothing()
    {
        var builds = new[] { Open, Open, Open }.Select(Build).ToList();

        Decide(Group(builds), builds).Should().BeEquivalentTo(new { Changed = (GroupState?)null, Cancels = Array.Empty<Guid>() });
    }

    [Fact]
    public void A_verdict_stays_whatever_its_members_come_to()
    {
        var builds = new[] { Lost, Open, Open }.Select(Build).ToList();
        var failed = Decide(Group(builds) with { FailFast = true }, builds).Changed!;

        var later = GroupDecision.Decide(failed, Reading(builds[1] with { Status = Won }, builds[2] with { Status = Stopped }) with { Now = Now.AddHours(1) }).Changed!;

        (later.Verdict, later.EndedAt).Should().Be((Lost, Now));
        later.Members.Select(static member => member.Outcome).Should().Equal(Lost, Won, Stopped);
    }

    [Fact]
    public void A_member_whose_build_is_gone_has_failed()
    {
        var builds = new[] { Won, Won, Won }.Select(Build).ToList();

        var step = Decide(Group(builds), builds[1..]);

        step.Changed!.Verdict.Should().Be(Lost);
        step.Changed.Members[0].Outcome.Should().Be(Lost);
        step.Changed.Members.Select(static member => member.Note is null).Should().Equal(false, true, true);
    }

    [Fact]
    public void A_member_whose_build_cannot_be_read_has_failed_and_is_not_cancelled()
    {
        var builds = new[] { Open, Open, Won }.Select(Build).ToList();
        var reading = Reading([.. builds[1..]]) with { Unreadable = [new(builds[0].Id, builds[0].Key, new FormatException()), new(null, "other", new FormatException())] };

        var step = GroupDecision.Decide(Group(builds) with { FailFast = true }, reading);

        step.Changed!.Verdict.Should().Be(Lost);
        step.Changed.Members.Select(static member => (member.Outcome, member.Note is null)).Should().Equal((Lost, false), (null, true), (Won, true));
        step.Cancels.Should().Equal(builds[1].Id);
    }

    [Fact]
    public void What_was_seen_once_is_not_asked_for_again()
    {
        var builds = new[] { Won, Open, Open }.Select(Build).ToList();
        var seen = Decide(Group(builds), builds).Changed!;

        var later = GroupDecision.Decide(seen, Reading(builds[1] with { Status = Won }, builds[2] with { Status = Won })).Changed!;

        later.Verdict.Should().Be(Won, "the build of the first may be gone by now");
    }

    [Fact]
    public void One_that_is_being_cancelled_is_not_cancelled_again()
    {
        var builds = new[] { Lost, Open, Open }.Select(Build).ToList();
        builds[1] = builds[1] with { CancelCause = BuildCancelCause.Caller };

        Decide(Group(builds) with { FailFast = true }, builds).Cancels.Should().Equal(builds[2].Id);
    }

    [Fact]
    public void A_group_is_read_as_it_was_written()
    {
        var group = Group([.. new[] { Won, Lost, Open }.Select(Build)]) with { Verdict = Lost, EndedAt = Now, IsCancelled = true, CancelReason = "\u00e9\"\ud83d\ude00" };

        GroupState.Read(new() { Name = "group/a", Value = group.Write(), Version = 1 }).Should().BeEquivalentTo(group);
    }

    private static GroupStep Decide(GroupState group, IReadOnlyList<Build> builds) => GroupDecision.Decide(group, Reading([.. builds]));

    private static BuildReadings Reading(params Build[] builds) => new() { Builds = builds, Now = Now };

    private static Build Build(BuildStatus status) => new()
    {
        Id = Guid.CreateVersion7(),
        Key = $"{status}",
        OwnerId = "queue-1",
        Runner = "ci",
        Request = new BuildRequest { Head = [Submissions.Change] },
        Status = status,
        CreatedAt = Now,
        UpdatedAt = Now,
        Deadline = Now,
    };

    private static GroupState Group(IReadOnlyList<Build> builds) => new()
    {
        Id = Guid.CreateVersion7(),
        Key = "group-1",
        OwnerId = "queue-1",
        FailFast = false,
        CreatedAt = Now,
        Members = [.. builds.Select(static (build, i) => new BuildGroupMember { BuildId = build.Id, Key = build.Key, Runner = build.Runner, IsRequired = i < 2 })],
    };
}
