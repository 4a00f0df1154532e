using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Stores.Tests.Registration;

/// <summary>A program replaces the clock in its container, and all packages go by it.</summary>
public sealed class ClockTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly WatchedTime _time = new();

    [Fact]
    public async Task Messages_builds_and_waits_in_memory_go_by_the_clock_of_the_container()
    {
        using var host = Build(static builder => builder.UseInMemory().AddRunner("ci").IgnoreChanges());
        await host.StartAsync();
        var builds = host.Services.GetRequiredService<IBuildOrchestrator>();

        var build = await builds.SubmitAsync(new BuildSubmission { Key = "a", OwnerId = "o", Runner = "ci", Request = new BuildRequest() });
        var waiting = builds.WaitForCompletionAsync(build.Id);
        await AdvanceUntilAsync(waiting);

        build.CreatedAt.Should().Be(WatchedTime.Began);
        (await waiting).EndedAt.Should().BeOnOrAfter(WatchedTime.Began).And.BeBefore(WatchedTime.Began.AddDays(1));
        await host.StopAsync();
    }

    [Theory]
    [InlineData("postgresql")]
    [InlineData("mysql")]
    public async Task The_pauses_of_a_start_that_waits_for_its_server_go_by_the_clock_of_the_container(string engine)
    {
        // Nobody listens there.
        using var host = Build(builder => _ = engine == "mysql" ? builder.UseMySql("Server=127.0.0.1;Port=1;Database=none") : builder.UsePostgreSql("Host=127.0.0.1;Port=1;Database=none"));

        var start = host.StartAsync();
        await _time.Timers.Reader.ReadAsync().AsTask().WaitAsync(Limit);
        await AdvanceUntilAsync(start);

        await FluentActions.Awaiting(() => start).Should().ThrowAsync<Exception>("a minute has passed by that clock");
    }

    private IHost Build(Action<BuildOrchestrationBuilder> use)
    {
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        use(builder.Services.AddKeyedNoopBuildRunner("ci").AddBuildOrchestration());
        builder.Services.AddSingleton<TimeProvider>(_time);
        return builder.Build();
    }

    private async Task AdvanceUntilAsync(Task task)
    {
        using CancellationTokenSource limit = new(Limit);
        while (!task.IsCompleted && !limit.IsCancellationRequested)
        {
            // The delay lets the host work between two steps of the clock; without it days pass while the host gets no thread. It decides nothing.
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(task, Task.Delay(10, CancellationToken.None));
        }

        task.IsCompleted.Should().BeTrue();
    }

    private sealed class WatchedTime() : FakeTimeProvider(Began)
    {
        public static readonly DateTimeOffset Began = new(2001, 2, 3, 4, 5, 6, TimeSpan.Zero);

        public Channel<TimeSpan> Timers { get; } = Channel.CreateUnbounded<TimeSpan>();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            Timers.Writer.TryWrite(dueTime);
            return timer;
        }
    }
}
