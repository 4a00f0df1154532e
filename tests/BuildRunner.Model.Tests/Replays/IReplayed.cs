namespace BuildRunner.Model.Tests.Replays;

/// <summary>Represents the product as it makes the steps of a model.</summary>
internal interface IReplayed : IAsyncDisposable
{
    /// <summary>Makes a step, by its name in the model.</summary>
    Task DoAsync(string step);

    /// <summary>Gets how everything is, to compare with what the model says.</summary>
    Task<object> ViewAsync();
}
