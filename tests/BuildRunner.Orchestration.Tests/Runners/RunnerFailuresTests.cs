using System.Net.Sockets;
using BuildRunner.Orchestration.Tests.Handling;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Orchestration.Tests.Runners;

/// <summary>A failure is logged once for all builds, and says what happened.</summary>
public sealed class RunnerFailuresTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly RecordedLog _log = new();
    private readonly RunnerFailures _failures;

    public RunnerFailuresTests() => _failures = new("ci", _log, _time);

    public void Dispose() => _log.Dispose();

    public static TheoryData<Exception, string> Failures => new()
    {
        { new BuildRunnerException("x", new HttpRequestException(HttpRequestError.ConnectionError)), "did not reach the service" },
        { new BuildRunnerException("x", new IOException("y", new SocketException((int)SocketError.ConnectionRefused))), "did not reach the service" },
        { new BuildRunnerException("x") { IsTransient = true, RetryAfter = TimeSpan.FromSeconds(10) }, "was refused for 00:00:10" },
        { new BuildRunnerException("x"), "was refused" },
        { new BuildRunnerException("x") { IsTransient = true }, "failed" },
        { new TriggerOutcomeUnknownException("x"), "lost its answer" },
        { new TimeoutException(), "was not answered in time" },
        { new CallNotBegunException("x"), "was not begun" },
        { new InvalidOperationException(), "failed" },
    };

    [Theory]
    [MemberData(nameof(Failures), DisableDiscoveryEnumeration = true)]
    public void What_happened_is_told_apart(Exception exception, string what) => CallFailures.Describe(exception).Should().Be(what);

    [Fact]
    public void Only_the_first_failure_is_a_warning_and_the_first_answer_says_that_it_is_over()
    {
        Fail("status", 100);
        _failures.Answered("status");
        _failures.Answered("status");

        _log.Entries.Select(static entry => entry.Level).Should().Equal(
            [LogLevel.Warning, .. Enumerable.Repeat(LogLevel.Debug, 99), LogLevel.Information]);
    }

    [Fact]
    public void A_runner_that_fails_now_and_then_is_a_warning_a_minute()
    {
        for (var second = 0; second < 120; second++)
        {
            Fail("status", 1);
            _failures.Answered("status");
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        _log.Entries.Count(static entry => entry.Level == LogLevel.Warning).Should().Be(2);
        _log.Entries.Count(static entry => entry.Level == LogLevel.Information).Should().Be(2);
    }

    [Fact]
    public void Operations_that_fail_are_told_apart()
    {
        Fail("trigger", 2);
        Fail("status", 2);
        _failures.Answered("status");

        _log.Entries.Select(static entry => entry.Level).Should().Equal(
            LogLevel.Warning, LogLevel.Debug, LogLevel.Warning, LogLevel.Debug, LogLevel.Information);
    }

    private void Fail(string operation, int times)
    {
        for (var time = 0; time < times; time++)
        {
            _failures.Failed(operation, Guid.NewGuid(), new BuildRunnerException("Busy.") { IsTransient = true });
        }
    }
}
