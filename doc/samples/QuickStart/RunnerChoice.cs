using Microsoft.Extensions.DependencyInjection;

namespace QuickStart;

/// <summary>The choice of a runner. The rest of the program knows only the contract.</summary>
internal sealed record RunnerChoice
{
    /// <summary>Gets the kind of runner, as the person names it.</summary>
    public required string Kind { get; init; }

    /// <summary>Gets what is done, for the person who asked.</summary>
    public required string What { get; init; }

    /// <summary>Gets the state directory.</summary>
    public required string State { get; init; }

    /// <summary>Gets what tells one way from another: builds of other ways are left to processes that know these.</summary>
    public required object Way { get; init; }

    /// <summary>Gets how long the build may run.</summary>
    public required TimeSpan Limit { get; init; }

    /// <summary>Gets what adds the runner under a key.</summary>
    public required Action<IServiceCollection, string> Register { get; init; }
}
