using Microsoft.Extensions.DependencyInjection;

namespace QuickStart;

/// <summary>Builds with a CI, which applies the changes and decides what is run.</summary>
internal static class CiChoice
{
    private static readonly TimeSpan Limit = TimeSpan.FromHours(1);

    /// <summary>Gets what a variable of the environment says.</summary>
    /// <exception cref="RejectedException">It says nothing.</exception>
    public static string Secret(string variable, string meaning) =>
        Environment.GetEnvironmentVariable(variable) is { } value && !string.IsNullOrWhiteSpace(value)
            ? value
            : throw new RejectedException($"Set {variable} to {meaning}.");

    public static async Task<RunnerChoice> CreateAsync(
        string kind,
        string where,
        object way,
        Verification.Request request,
        IReadOnlyList<Revision> @base,
        IReadOnlyList<Revision> head,
        Action<IServiceCollection, string> register,
        CancellationToken cancellationToken)
    {
        if (request.Command is not null || request.Target is not null || request.Timeout is not null || request.Reuse || request.Blame)
        {
            throw new RejectedException(
                "A CI decides what it runs, and on which branch: leave out the command, --target, --timeout, --reuse and --blame.");
        }

        var state = request.State ?? $"{await Verification.FindStateAsync(request.Repository, cancellationToken)}-{kind}";
        Directory.CreateDirectory(state);
        return new RunnerChoice
        {
            Kind = kind,
            What = $"Verifying {string.Join(", ", head)}{(@base.Count == 0 ? "" : $" on {string.Join(", ", @base)}")} with {where}",
            State = state,
            Way = way,
            Limit = Limit,
            Register = register,
        };
    }
}
