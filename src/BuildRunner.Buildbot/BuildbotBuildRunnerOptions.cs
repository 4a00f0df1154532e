using BuildRunner.Http;

namespace BuildRunner.Buildbot;

/// <summary>
/// Provides the settings of a <see cref="BuildbotBuildRunner"/>.
/// </summary>
public sealed class BuildbotBuildRunnerOptions : HttpBuildRunnerOptions
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
    /// Gets or sets the name of the force scheduler that starts it. The default is <c>force</c>. It starts <see cref="Builder"/> and takes a string parameter <c>build_request</c>, or <c>branch</c> and <c>revision</c> for merged commits.
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

    /// <inheritdoc/>
    public override IEnumerable<string> Validate()
    {
        (bool Holds, string Failure)[] rules =
        [
            (Url is { IsAbsoluteUri: true, Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" }, "Url must be an absolute address, http or https, without user info, query and fragment."),
            (!string.IsNullOrWhiteSpace(Builder), "Builder must name the builder that verifies changes."),
            (!string.IsNullOrWhiteSpace(Scheduler), "Scheduler must name a force scheduler."),
            ((UserName is null) == (Password is null), "UserName and Password are given together, or not at all."),
            (UserName?.Contains(':', StringComparison.Ordinal) != true, "UserName must not contain a colon."),
        ];
        return rules.Where(static rule => !rule.Holds).Select(static rule => rule.Failure).Concat(base.Validate());
    }
}
