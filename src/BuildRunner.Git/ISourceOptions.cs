namespace BuildRunner.Git;

/// <summary>Where changes and their target come from: the options that all of this package have.</summary>
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

    /// <summary>Gets the key of the registration, or the empty text.</summary>
    string ServiceKey { get; }

    /// <summary>Gets what tells the default state directory from that of another kind of runner on the same repository.</summary>
    string StateSuffix => "";

    /// <summary>Gets what is to be read in a message before the name of an option.</summary>
    string Name => GetType().Name;
}
