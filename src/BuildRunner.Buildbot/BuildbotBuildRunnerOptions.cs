namespace BuildRunner.Buildbot;

/// <summary>
/// Provides the settings of a <see cref="BuildbotBuildRunner"/>.
/// </summary>
public sealed class BuildbotBuildRunnerOptions
{
    /// <summary>
    /// Gets or sets the address of the master, such as <c>https://buildbot.example.org/</c>: what a browser opens, without <c>api/v2</c>.
    /// </summary>
    public Uri? Url { get; set; }

    /// <summary>
    /// Gets or sets the name of the builder that verifies changes.
    /// </summary>
    public string Builder { get; set; } = "";

    /// <summary>
    /// Gets or sets the name of the force scheduler that starts it. The default is <c>force</c>. It declares a string parameter <c>build_request</c>, and is allowed to start <see cref="Builder"/>.
    /// </summary>
    public string Scheduler { get; set; } = "force";

    /// <summary>
    /// Gets or sets the name of the user to log in with, or <see langword="null"/> for a master that asks for none.
    /// </summary>
    public string? UserName { get; set; }

    /// <summary>
    /// Gets or sets what gives the password of <see cref="UserName"/>. It is asked again when the master refuses the session, so that a password may be rotated.
    /// </summary>
    public Func<CancellationToken, ValueTask<string>>? Password { get; set; }

    /// <summary>
    /// Gets or sets how old a status may be: from zero to one minute. The default is one second. Builds that are polled at about the same time are read with one request.
    /// </summary>
    public TimeSpan Freshness { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Gets or sets how long one request with its repeats may take: from one second to ten minutes. The default is 30 seconds.
    /// </summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets what creates the handler that sends requests, for proxies, private certificates and tests; <see langword="null"/> for one of the runner's own. It must not repeat requests and must not follow redirects.
    /// </summary>
    public Func<HttpMessageHandler>? CreateHandler { get; set; }
}
