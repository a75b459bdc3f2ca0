//! Stand-ins for the parameters and results of requests.

use std::cell::RefCell;
use std::fmt;

pub(crate) type Result<T> = std::result::Result<T, Error>;

/// An error of JSON-RPC.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Error(pub(crate) i64);

impl Error {
    pub(crate) fn method_not_found() -> Self {
        Self(-32601)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error {}", self.0)
    }
}

impl std::error::Error for Error {}

thread_local! {
    static WARNINGS: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

/// Says that a notification is not implemented.
pub(crate) fn warn(method: &'static str) {
    WARNINGS.with_borrow_mut(|warnings| warnings.push(method));
}

/// Takes what was said on this thread.
pub(crate) fn warnings() -> Vec<&'static str> {
    WARNINGS.take()
}

/// Declares values that tell where they come from.
macro_rules! stand_ins {
    ($($name:ident)*) => {$(
        #[derive(Clone, Debug, Default, PartialEq)]
        pub(crate) struct $name(pub(crate) &'static str);
    )*};
}

stand_ins! {
    CallHierarchyIncomingCall
    CallHierarchyIncomingCallsParams
    CallHierarchyItem
    CallHierarchyOutgoingCall
    CallHierarchyOutgoingCallsParams
    CallHierarchyPrepareParams
    CodeAction
    CodeActionParams
    CodeActionResponse
    CodeLens
    CodeLensParams
    ColorInformation
    ColorPresentation
    ColorPresentationParams
    CompletionItem
    CompletionParams
    CompletionResponse
    CreateFilesParams
    DeleteFilesParams
    DidChangeConfigurationParams
    DidChangeTextDocumentParams
    DidChangeWatchedFilesParams
    DidChangeWorkspaceFoldersParams
    DidCloseTextDocumentParams
    DidOpenTextDocumentParams
    DidSaveTextDocumentParams
    DocumentColorParams
    DocumentDiagnosticParams
    DocumentDiagnosticReportResult
    DocumentFormattingParams
    DocumentHighlight
    DocumentHighlightParams
    DocumentLink
    DocumentLinkParams
    DocumentOnTypeFormattingParams
    DocumentRangeFormattingParams
    DocumentSymbolParams
    DocumentSymbolResponse
    ExecuteCommandParams
    FoldingRange
    FoldingRangeParams
    GotoDeclarationParams
    GotoDeclarationResponse
    GotoDefinitionParams
    GotoDefinitionResponse
    GotoImplementationParams
    GotoImplementationResponse
    GotoTypeDefinitionParams
    GotoTypeDefinitionResponse
    Hover
    HoverParams
    InitializeParams
    InitializeResult
    InitializedParams
    InlayHint
    InlayHintParams
    InlineValue
    InlineValueParams
    LinkedEditingRangeParams
    LinkedEditingRanges
    Location
    Moniker
    MonikerParams
    PrepareRenameResponse
    ReferenceParams
    RenameFilesParams
    RenameParams
    SelectionRange
    SelectionRangeParams
    SemanticTokensDeltaParams
    SemanticTokensFullDeltaResult
    SemanticTokensParams
    SemanticTokensRangeParams
    SemanticTokensRangeResult
    SemanticTokensResult
    SignatureHelp
    SignatureHelpParams
    SymbolInformation
    TextDocumentPositionParams
    TextEdit
    TypeHierarchyItem
    TypeHierarchyPrepareParams
    TypeHierarchySubtypesParams
    TypeHierarchySupertypesParams
    Value
    WillSaveTextDocumentParams
    WorkspaceDiagnosticParams
    WorkspaceDiagnosticReportResult
    WorkspaceEdit
    WorkspaceSymbol
    WorkspaceSymbolParams
}
