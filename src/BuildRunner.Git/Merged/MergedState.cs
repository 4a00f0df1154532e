using System.Runtime.Versioning;
using BuildRunner.Git.Engine;
using BuildRunner.Git.Processes;
using BuildRunner.Git.Remotes;
using BuildRunner.Git.Repository;
using BuildRunner.Git.Storage;

namespace BuildRunner.Git.Merged;

/// <summary>Represents an open state directory and its remote.</summary>
[SupportedOSPlatform("linux")]
internal sealed class MergedState : IDisposable
{
    // Not a token, so that it is not mistaken for a record.
    private const string TipName = "tip";

    private readonly ScratchDirectory _scratch;
    private readonly string _cookie = BuildCookie.Create();

    // One fetch at a time, so that concurrent calls do not fetch the same objects, and one merge at a time, because it uses a directory.
    private readonly SemaphoreSlim _fetching = new(1, 1);
    private readonly SemaphoreSlim _merging = new(1, 1);
    private readonly ChangeMerger _merger;

    private MergedState(
        MergedRefsOptions options,
        string runner,
        StateLayout layout,
        ScratchDirectory scratch,
        PrivateRepository repository,
        RemoteRepository remote)
    {
        _scratch = scratch;
        _merger = new ChangeMerger(scratch.NewPath(), repository, _cookie);
        Options = options;
        Layout = layout;
        Repository = repository;
        Remote = remote;
        Tokens = new MergedTokens(options, runner);
        Records = new MergedRecords(repository, remote, Tokens.Scope, _cookie);
    }

    public MergedRefsOptions Options { get; }

    public StateLayout Layout { get; }

    public PrivateRepository Repository { get; }

    public RemoteRepository Remote { get; }

    public MergedRecords Records { get; }

    public MergedTokens Tokens { get; }

    /// <exception cref="GitException">The directory, git or the repository cannot be used.</exception>
    /// <exception cref="IOException">The directory cannot be written.</exception>
    public static async Task<MergedState> OpenAsync(
        MergedRefsOptions options, string runner, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        StateLayout layout = new(StateDirectory.PathOf(options));
        ScratchDirectory? scratch = null;
        try
        {
            var repository = await StateRepository.OpenAsync(
                layout,
                () => Directory.CreateDirectory(layout.Scratch),
                () => scratch ??= ScratchDirectory.Create(layout.Scratch),
                options.Repository,
                cancellationToken).ConfigureAwait(false);
            var remote = RemoteRepository.Find(options, repository, timeProvider)!;
            return new MergedState(options, runner, layout, scratch!, repository, remote);
        }
        catch
        {
            scratch?.Dispose();
            throw;
        }
    }

    /// <summary>Gets the reference for a commit to build.</summary>
    public string BuildReferenceOf(string token) => Options.RefPrefix + token;

    /// <summary>Gets git on the private repository.</summary>
    public GitCommand OpenGit() => Repository.OpenGit(_cookie);

    /// <summary>Fetches the missing commits of a target and changes.</summary>
    /// <exception cref="GitException">A commit cannot be fetched, or the remote cannot be read.</exception>
    public async Task FetchAsync(string target, IReadOnlyList<AppliedChange> changes, string token, CancellationToken cancellationToken)
    {
        await _fetching.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await Remote.FetchAsync(target, changes, token, _cookie, static _ => { }, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _fetching.Release();
        }
    }

    /// <summary>Fetches a tip of the target if it is missing.</summary>
    /// <exception cref="GitException">The commit cannot be fetched, or the remote cannot be read.</exception>
    public async Task FetchTipAsync(string tip, CancellationToken cancellationToken)
    {
        var name = MergedTokens.New();
        try
        {
            await FetchAsync(tip, [], name, cancellationToken).ConfigureAwait(false);

            // Held, because it is needed again and again, and unheld objects are pruned.
            Repository.Hold(TipName, tip);
        }
        finally
        {
            Repository.ForgetFetched(name);
        }
    }

    /// <summary>Determines whether a commit is in the history of a fetched tip.</summary>
    /// <exception cref="GitException">It could not be determined.</exception>
    public async Task<bool> IsInHistoryAsync(string tip, string commitId, CancellationToken cancellationToken)
    {
        string[] arguments = ["merge-base", "--is-ancestor", commitId, tip];
        var result = await OpenGit().RunAsync(arguments, cancellationToken).ConfigureAwait(false);

        // If git cannot read a commit in between, it answers "no" and prints an error.
        if (result.Succeeded || (result.ExitCode == 1 && string.IsNullOrWhiteSpace(result.Error)))
        {
            return result.Succeeded;
        }

        // A commit that is missing here cannot be in a history that is complete here.
        string[] ask = ["cat-file", "--batch-check=%(objecttype)"];
        if (result.ExitCode == 128)
        {
            var answer = await OpenGit().RunOrThrowAsync(ask, cancellationToken, commitId + "\n").ConfigureAwait(false);
            if (answer.Text.EndsWith(" missing", StringComparison.Ordinal))
            {
                return false;
            }
        }

        throw new GitException(GitCommand.Failed(arguments, result).Message) { IsTransient = result.ExitCode > 128 };
    }

    /// <summary>Merges changes onto a target.</summary>
    /// <exception cref="GitException">The merge could not be completed.</exception>
    public async Task<ApplyResult> MergeAsync(string target, IReadOnlyList<AppliedChange> changes, CancellationToken cancellationToken)
    {
        await _merging.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await _merger.ApplyAsync(target, changes, cancellationToken).ConfigureAwait(false);
        }
        catch (GitException exception) when (!exception.IsTransient)
        {
            // An object is damaged or missing. Other changes may merge well, so the setup is not at fault.
            throw new GitException($"The changes could not be merged. {exception.Message}", exception) { IsOfRequest = true };
        }
        finally
        {
            _merging.Release();
        }
    }

    /// <summary>Updates references of the remote.</summary>
    /// <returns><see langword="true"/> if all were updated; <see langword="false"/> if one did not have the expected value.</returns>
    /// <exception cref="GitException">The remote did not answer, or refused.</exception>
    public async Task<bool> TryPushAsync(IReadOnlyList<PushedReference> references, CancellationToken cancellationToken) =>
        await Remote.PushAsync(references, Options.PushOptions, cancellationToken).ConfigureAwait(false) switch
        {
            PushResult.Done => true,
            PushResult.Stale => false,
            PushResult.Refused refused => throw new GitException(
                $"The remote '{Remote.Address}' refused the push; the account needs the right to create and delete references below "
                + $"{Options.RefPrefix} and {MergedTokens.Records}. {refused.Reason}"),
            var other => throw new InvalidOperationException($"Unexpected result {other}."),
        };

    public void Dispose()
    {
        _scratch.Dispose();
        _fetching.Dispose();
        _merging.Dispose();
    }
}
