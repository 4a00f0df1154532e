namespace BuildRunner.Orchestration;

/// <summary>Creates builds from submissions. All ways to submit use it.</summary>
internal sealed class NewBuilds(RunnerClients clients, IOptions<BuildOrchestrationOptions> options, RunnerControls controls)
{
    public void ThrowIfInvalid(BuildSubmission submission)
    {
        SubmissionRules.ThrowIfInvalid(submission);
        clients.ThrowIfUnknown(submission.Runner, nameof(submission));
    }

    /// <exception cref="RunnerRefusesException">The runner refuses builds for now.</exception>
    public async ValueTask<Build> CreateAsync(BuildSubmission submission, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var control = await controls.GetAsync(submission.Runner, cancellationToken).ConfigureAwait(false);
        control.ThrowIfRefusing(submission.Runner);
        var timeout = clients.OptionsOf(submission.Runner).Timeout ?? options.Value.DefaultTimeout;
        return SubmissionRules.Build(submission, now, timeout, control);
    }

    /// <summary>Gets the build that was submitted before with the key of a submission, or the error if it is another one.</summary>
    public static BuildSubmitResult Known(Build build, BuildSubmission submission) => SubmissionRules.IsOf(build, submission)
        ? new(build)
        : new(new BuildKeyConflictException(
            $"The key '{submission.Key}' belongs to the build {build.Id}, which has another runner, owner, request or limits; "
            + "use another key.")
        { Id = build.Id });

    public static InvalidOperationException InconsistentKeys(string key) =>
        new($"The store reports that the key '{key}' exists but finds no build with it; it must compare keys exactly.");
}
