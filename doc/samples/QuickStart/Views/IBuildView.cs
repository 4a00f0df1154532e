using BuildRunner;

namespace QuickStart.Views;

/// <summary>Shows the life of one build to the user.</summary>
internal interface IBuildView : IAsyncDisposable
{
    /// <summary>Gets or sets the source of the logs of builds, or <see langword="null"/> until there is one.</summary>
    IBuildLogSource? Logs { get; set; }

    /// <summary>Says what is going to be done.</summary>
    void Begin(string what);

    /// <summary>Says what a person should know meanwhile.</summary>
    void Say(string sentence);

    /// <summary>Shows how the build stands now.</summary>
    void Show(BuildId buildId, BuildSnapshot snapshot);

    /// <summary>Says that the build is asked to stop.</summary>
    void ShowCancelling();

    /// <summary>Shows how the build has ended.</summary>
    Task EndAsync(BuildId buildId, BuildSnapshot snapshot);
}
