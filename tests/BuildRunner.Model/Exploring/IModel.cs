namespace BuildRunner.Model.Exploring;

/// <summary>Represents a model: a state to begin with, the steps from each state, and what is wrong in a state.</summary>
internal interface IModel<TState>
    where TState : notnull
{
    TState Start { get; }

    IEnumerable<Step<TState>> StepsFrom(TState state);

    /// <summary>Gets what is wrong in a state. Each text begins with the name of the rule.</summary>
    /// <param name="state">The state.</param>
    /// <param name="isEnd">Whether no fair step is left.</param>
    IEnumerable<string> Judge(TState state, bool isEnd);
}
