using BuildRunner.Http;

namespace BuildRunner.Buildbot;

/// <summary>Represents the options of a <see cref="BuildbotBuildRunner"/>.</summary>
public sealed class BuildbotBuildRunnerOptions : HttpBuildRunnerOptions
{
    /// <summary>Gets or sets the address of the master as in a browser, such as <c>https://buildbot.example.org/</c>. Required.</summary>
    public Uri? Url { get; set; }

    /// <summary>Gets or sets the name of the builder that verifies changes. Required.</summary>
    public string Builder { get; set; } = "";

    /// <summary>Gets or sets the name of the force scheduler that starts <see cref="Builder"/>. The default is <c>force</c>.</summary>
    /// <remarks>It must accept a string <c>build_request</c>, or <c>branch</c> and <c>revision</c> for merged commits.</remarks>
    public string Scheduler { get; set; } = "force";

    /// <summary>Gets or sets the user to log in as, or <see langword="null"/> (the default) for a master without logins.</summary>
    public string? UserName { get; set; }

    /// <summary>Gets or sets a callback that provides the password of <see cref="UserName"/>.</summary>
    /// <remarks>It is called again when the master refuses the session, so that the password may be rotated.</remarks>
    public Func<CancellationToken, ValueTask<string>>? Password { get; set; }

    /// <inheritdoc/>
    public override IEnumerable<string> Validate()
    {
        (bool Holds, string Failure)[] rules =
        [
            (Url is { IsAbsoluteUri: true, Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" },
                "Url must be an absolute http or https address without user info, query and fragment."),
            (!string.IsNullOrWhiteSpace(Builder), "Builder must name the builder that verifies changes."),
            (!string.IsNullOrWhiteSpace(Scheduler), "Scheduler must name a force scheduler."),
            ((UserName is null) == (Password is null), "UserName and Password must be set together or not at all."),
            (UserName?.Contains(':', StringComparison.Ordinal) != true, "UserName must not contain a colon."),
        ];
        return rules.Where(static rule => !rule.Holds).Select(static rule => rule.Failure).Concat(base.Validate());
    }
}
