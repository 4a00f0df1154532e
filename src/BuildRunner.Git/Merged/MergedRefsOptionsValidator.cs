using BuildRunner.Git.Changes;
using Microsoft.Extensions.Options;

namespace BuildRunner.Git.Merged;

internal sealed class MergedRefsOptionsValidator : IValidateOptions<MergedRefsOptions>
{
    private static readonly TimeSpan MinRetention = TimeSpan.FromHours(1);
    internal static readonly TimeSpan MaxRetention = TimeSpan.FromDays(365);

    public ValidateOptionsResult Validate(string? name, MergedRefsOptions options)
    {
        if (!options.HasRunner)
        {
            var isKeyed = !string.IsNullOrEmpty(name);
            return ValidateOptionsResult.Fail(
                $"AddMergedRefs{(isKeyed ? $"(\"{name}\")" : "")} found no runner to decorate; "
                + $"add the {nameof(IBuildRunner)}{(isKeyed ? " of that key" : "")} before it.");
        }

        List<string> failures = [.. SourceOptionsRules.FailuresOf(options), .. FailuresOf(options)];
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> FailuresOf(MergedRefsOptions options)
    {
        if (options.Remote is null)
        {
            yield return $"{nameof(MergedRefsOptions)}.{nameof(options.Remote)} is not set; it must be the remote that the CI builds from.";
        }

        if (!GitReference.IsBranchOrReference(options.TargetBranch))
        {
            yield return SourceOptionsRules.Failure(
                options,
                nameof(options.TargetBranch),
                options.TargetBranch,
                "a branch or a full reference");
        }

        if (options.RefPrefix is null
            || !options.RefPrefix.EndsWith('/')
            || !GitReference.IsReference(options.RefPrefix + "x")
            || options.RefPrefix.StartsWith(MergedTokens.Records, StringComparison.Ordinal))
        {
            yield return SourceOptionsRules.Failure(
                options,
                nameof(options.RefPrefix),
                options.RefPrefix,
                $"the prefix of full references with a slash at the end, such as refs/heads/build/, and not below {MergedTokens.Records}");
        }

        if (options.RefRetention < MinRetention || options.RefRetention > MaxRetention)
        {
            yield return SourceOptionsRules.Failure(
                options,
                nameof(options.RefRetention),
                options.RefRetention,
                "one hour to 365 days");
        }

        if (options.ReuseFor is { } reuseFor && (reuseFor <= TimeSpan.Zero || reuseFor > options.RefRetention))
        {
            yield return SourceOptionsRules.Failure(
                options,
                nameof(options.ReuseFor),
                options.ReuseFor,
                $"more than zero and at most {nameof(options.RefRetention)}, or null");
        }

        if (!Enum.IsDefined(options.PipelineFrom))
        {
            yield return SourceOptionsRules.Failure(
                options,
                nameof(options.PipelineFrom),
                options.PipelineFrom,
                $"{nameof(MergedRefsPipeline.Head)} or {nameof(MergedRefsPipeline.Target)}");
        }

        if (options.PushOptions is null
            || options.PushOptions.Any(static option => string.IsNullOrEmpty(option) || option.Any(char.IsControl)))
        {
            yield return $"{nameof(MergedRefsOptions)}.{nameof(options.PushOptions)} has an empty option or one with a control character.";
        }
    }
}
