namespace BuildRunner.Orchestration.Tests.Stage;

internal static class StageBuilderExtensions
{
    public const string Ci = "ci";

    /// <summary>Adds a runner that makes its calls through the hook.</summary>
    public static BuildOrchestrationBuilder AddRunner(this BuildOrchestrationBuilder builder, CallHook hook, IBuildRunner runner, bool finds = true, string name = Ci, Action<BuildRunnerOptions>? configure = null)
    {
        builder.Services.AddKeyedSingleton(name, HookedRunner.Of(runner, hook, finds));

        // A limit goes by the clock of the machine; where it is what is tested, the test sets it.
        return builder.AddRunner(name, options =>
        {
            options.CallsPerSecond = null;
            configure?.Invoke(options);
        });
    }

    public static BuildOrchestrationBuilder AddObserver(this BuildOrchestrationBuilder builder, RecordingObserver observer)
    {
        builder.Services.AddSingleton(observer);
        return builder.AddObserver<RecordingObserver>();
    }

    /// <summary>Adds an observer that is called through the hook.</summary>
    public static BuildOrchestrationBuilder AddObserver(this BuildOrchestrationBuilder builder, CallHook hook, IBuildObserver observer)
    {
        builder.Services.AddSingleton(new HookedObserver(observer, hook));
        return builder.AddObserver<HookedObserver>();
    }
}
