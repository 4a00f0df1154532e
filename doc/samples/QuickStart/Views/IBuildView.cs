using BuildRunner;

namespace QuickStart.Views;

/// <summary>Shows the life of one build to whoever started the program.</summary>
internal interface IBuildView : IAsyncDisposable
{
    /// <summary>Says what is going to be done.</summary>
    void Begin(string what);

    /// <summary>Shows how the build stands now.</summary>
    void Show(BuildId buildId, BuildSnapshot snapshot);

    /// <summary>Says that the build is asked to stop.</summary>
    void ShowCancelling();

    /// <summary>Shows how the build has ended.</summary>
    Task EndAsync(BuildId buildId, BuildSnapshot snapshot);
}
