using BuildRunner.Git.Storage;
using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Git.Tests.Durability;

/// <summary>The clock on the wall jumps.</summary>
[Slow]
public sealed class ClockTests
{
    private static readonly TimeSpan Retention = TimeSpan.FromHours(3);

    [Fact]
    public void Ids_grow_while_the_clock_stands_still_goes_back_and_goes_on()
    {
        FakeTimeProvider clock = new();
        BuildIds ids = new(clock);
        List<string> made = [];

        for (var number = 0; number < 100_000; number++)
        {
            made.Add(ids.Next().Value);
        }

        clock.AdjustTime(clock.GetUtcNow() - TimeSpan.FromDays(365));
        made.Add(ids.Next().Value);
        clock.AdjustTime(clock.GetUtcNow() + TimeSpan.FromDays(3650));
        made.Add(ids.Next().Value);

        made.Should().BeInAscendingOrder(StringComparer.Ordinal).And.OnlyHaveUniqueItems().And.OnlyContain(static id => BuildIds.IsId(id));
    }

    [Fact]
    public void Ids_that_are_made_at_once_differ()
    {
        BuildIds ids = new(TimeProvider.System);
        var made = new string[10_000];

        Parallel.For(0, made.Length, number => made[number] = ids.Next().Value);

        made.Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void Ids_of_two_processes_at_the_same_moment_differ()
    {
        FakeTimeProvider clock = new();

        new BuildIds(clock).Next().Should().NotBe(new BuildIds(clock).Next());
    }

    [TimedFact]
    public async Task A_clock_that_goes_back_and_forth_keeps_a_build_for_as_long_as_it_is_not_too_old()
    {
        FakeTimeProvider clock = new();
        using var repository = await TestRepository.CreateAsync();
        await using TestRunner runner = new(repository, static options => options.Retention = Retention, clock);
        var build = await runner.BuildAsync();

        clock.AdjustTime(clock.GetUtcNow() - TimeSpan.FromDays(365));
        var later = await runner.BuildAsync();
        var back = await runner.Runner.StatusAsync(build.Id);
        clock.AdjustTime(clock.GetUtcNow() + TimeSpan.FromDays(365) + Retention);
        var forth = await runner.Runner.StatusAsync(build.Id);
        var old = () => runner.Runner.StatusAsync(later.Id);

        string.CompareOrdinal(later.Id.Value, build.Id.Value).Should().BePositive();
        back.Should().Be(build.Snapshot);
        forth.Should().Be(build.Snapshot);
        await old.Should().ThrowExactlyAsync<BuildNotFoundException>();
    }

    [TimedFact]
    public async Task A_build_is_kept_by_the_clock_also_across_a_restart()
    {
        FakeTimeProvider clock = new();
        using var repository = await TestRepository.CreateAsync();
        FinishedBuild build;
        await using (var first = Create(repository, clock))
        {
            build = await first.BuildAsync();
        }

        clock.Advance(Retention);
        await using var second = Create(repository, clock);
        var kept = await second.FinishAsync(build.Id);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        var status = () => second.Runner.StatusAsync(build.Id);

        kept.Should().Be(build);
        await status.Should().ThrowExactlyAsync<BuildNotFoundException>();
    }

    private static TestRunner Create(TestRepository repository, TimeProvider clock) => new(
        repository,
        options =>
        {
            options.Retention = Retention;
            options.StateDirectory = repository["state"];
        },
        clock);
}
