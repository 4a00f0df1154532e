namespace BuildRunner.Tests.Architecture;

/// <summary>Time comes from a <see cref="TimeProvider"/>, from the container if there is one.</summary>
public sealed class ClockRuleTests
{
    // Each with the reason why it goes by another clock.
    private static readonly Dictionary<string, string> Exceptions = new()
    {
        ["src/BuildRunner/Waiting/BuildWaitOptions.cs"] = "a documented default, without a container",
        ["src/BuildRunner.Http/HttpBackendOptions.cs"] = "a documented default, without a container",
        ["src/BuildRunner.Testing/Fakes/FakeBuildRunner.cs"] = "a documented default, without a container",
        ["src/BuildRunner.Queue/Hosting/QueueHost.cs"] = "a disposal ends also where a test has stopped the clock",
        ["src/BuildRunner.Orchestration/Registration/OrchestrationHostedService.cs"] = "a disposal ends also where a test has stopped the clock",
        ["src/BuildRunner.Git/Merged/BackgroundTasks.cs"] = "a disposal ends also where a test has stopped the clock",
        ["src/BuildRunner.Orchestration/Runners/RunnerRate.cs"] = "System.Threading.RateLimiting knows no TimeProvider",
        ["src/BuildRunner.Sqlite/Writing/SqliteWriter.cs"] = "a thread that waits, for what other processes write",
        ["src/BuildRunner.Git/Processes/BuildProcesses.cs"] = "the kernel takes that long",
        ["src/BuildRunner.Testing/Conformance/ConformanceCase.cs"] = "a limit for a real backend that hangs",
        ["src/BuildRunner.Testing/Conformance/ConformanceHarness.cs"] = "the pace of a real backend",
        ["src/BuildRunner.Testing/Conformance/ProxiedConnection.cs"] = "an answer that is late on a real connection",
    };

    [Fact]
    public void Nothing_goes_by_the_clock_of_the_machine_without_a_reason()
    {
        Broken().Where(static broken => !Exceptions.ContainsKey(broken.File)).Should().BeEmpty();
    }

    [Fact]
    public void No_exception_is_left_that_is_none()
    {
        Broken().Select(static broken => broken.File).Distinct().Should().Contain(Exceptions.Keys);
    }

    [Theory]
    [InlineData("Stopwatch.GetTimestamp()")]
    [InlineData("System.Diagnostics.Stopwatch.StartNew()")]
    [InlineData("Environment.TickCount64")]
    [InlineData("DateTime.Now")]
    [InlineData("DateTimeOffset.UtcNow")]
    [InlineData("Thread.Sleep(1)")]
    [InlineData("Task.Delay(pause)")]
    [InlineData("Task.Delay(pause, cancellationToken)")]
    [InlineData("new PeriodicTimer(interval)")]
    [InlineData("new Timer(callback)")]
    [InlineData("new CancellationTokenSource(patience)")]
    [InlineData("stop.CancelAfter(patience)")]
    [InlineData("TimeProvider.System")]
    [InlineData("time ?? TimeProvider.System")]
    public void A_clock_of_the_machine_is_found(string expression) => Clocks($"_ = {expression};").Should().ContainSingle();

    [Fact]
    public void A_source_that_is_typed_by_its_variable_is_found() => Clocks("CancellationTokenSource stop = new(patience);").Should().ContainSingle();

    [Theory]
    [InlineData("timeProvider.GetUtcNow()")]
    [InlineData("Task.Delay(pause, timeProvider, cancellationToken)")]
    [InlineData("Task.Delay(pause, _time)")]
    [InlineData("new PeriodicTimer(interval, timeProvider)")]
    [InlineData("new CancellationTokenSource()")]
    [InlineData("new CancellationTokenSource(patience, timeProvider)")]
    [InlineData("services.GetService<TimeProvider>() ?? TimeProvider.System")]
    [InlineData("services.GetService(typeof(TimeProvider)) as TimeProvider ?? TimeProvider.System")]
    [InlineData("services.TryAddSingleton(TimeProvider.System)")]
    public void A_clock_that_is_given_is_none_of_the_machine(string expression) => Clocks($"_ = {expression};").Should().BeEmpty();

    private static IEnumerable<string> Clocks(string statement) => new SourceFile("A.cs", $"class A {{ void M() {{ {statement} }} }}").MachineClocks();

    private static IEnumerable<(string File, string Clock)> Broken() =>
        from file in Repository.Files("src", ".cs")
        from clock in new SourceFile(file, File.ReadAllText(file)).MachineClocks()
        select (Repository.Name(file), clock);
}
