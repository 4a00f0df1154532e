namespace BuildRunner.Git;

/// <summary>Represents the options that name the repository and its target, which every runner of this package has.</summary>
internal interface ISourceOptions
{
    string Repository { get; }

    string? Remote { get; }

    Func<CancellationToken, ValueTask<GitCredentials?>>? RemoteCredentials { get; }

    TimeSpan RemoteTimeout { get; }

    string TargetBranch { get; }

    string Host { get; }

    string RepositoryName { get; }

    Func<string, CancellationToken, ValueTask<Change?>>? ChangeResolver { get; }

    string? StateDirectory { get; }

    /// <summary>Gets the service key of the registration, or the empty string.</summary>
    string ServiceKey { get; }

    /// <summary>Gets a suffix that keeps the default state directory apart from that of another kind of runner on the same
    /// repository.</summary>
    string StateSuffix => "";

    /// <summary>Gets the prefix of an option's name in messages.</summary>
    string Name => GetType().Name;
}
